# What is handed to others: the sources as one archive, a Debian package of them, a Homebrew formula for them.

#: Packages: make deb builds in build/deb, with what packaging/debian/control names installed. make formula takes URL=, where
#: the archive of make dist is to be fetched from.

# The version stands in one place. The packages' own number (-1) is in packaging/debian/changelog.
version := $(if $(filter dist deb deb-tree formula,$(MAKECMDGOALS)),$(shell sed -n \
  's/^const char pm_version\[\] = "\(.*\)";$$/\1/p' lib/core/options.c))
archive := $(BUILD)/pixelmill-$(version).tar.gz
deb_tree := $(BUILD)/deb/pixelmill-$(version)
URL ?= file://$(abspath $(archive))

.PHONY: dist deb deb-tree formula
dist: ## write the sources as one archive, build/pixelmill-VERSION.tar.gz
	@mkdir -p $(BUILD)
	bash pipeline/dist.sh pixelmill-$(version) $(archive)

deb-tree: dist
	rm -rf $(BUILD)/deb
	mkdir -p $(BUILD)/deb
	cp $(archive) $(BUILD)/deb/pixelmill_$(version).orig.tar.gz
	tar -xzf $(archive) -C $(BUILD)/deb
	cp -R packaging/debian $(deb_tree)

deb: deb-tree ## build the Debian package, in build/deb
	cd $(deb_tree) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc
	@ls $(BUILD)/deb/*.deb

formula: dist ## write a Homebrew formula for that archive, build/pixelmill.rb
	@sum=$$( (sha256sum $(archive) 2>/dev/null || shasum -a 256 $(archive)) | cut -d ' ' -f 1) && \
	  sed -e 's|@URL@|$(URL)|' -e "s|@SHA256@|$$sum|" packaging/homebrew/pixelmill.rb.in >$(BUILD)/pixelmill.rb
	@echo 'wrote $(BUILD)/pixelmill.rb'
