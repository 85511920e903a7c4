# Installing: `pixelmill` on the PATH, the tools themselves out of the way of others of the same name, and what the
# pipeline and the page that draws are made of, for `pixelmill compare` in any folder.

#: Installing: PREFIX=/usr/local, DESTDIR for packagers. PAGE=1 also compiles and installs what `pixelmill page` needs; what
#: was compiled is installed in any case, and so are the plugins of make mpi and make cuda.

PREFIX ?= /usr/local
bindir := $(DESTDIR)$(PREFIX)/bin
toolsdir := $(DESTDIR)$(PREFIX)/libexec/pixelmill
sharedir := $(DESTDIR)$(PREFIX)/share/pixelmill
docdir := $(DESTDIR)$(PREFIX)/share/doc/pixelmill
mandir := $(DESTDIR)$(PREFIX)/share/man/man1
bashdir := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir := $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fishdir := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

installed_tools := $(filter-out $(front),$(tools)) $(page_maker)
plugins_there := $(wildcard $(BIN)/*.so $(OUT)/lib/*.so)# make mpi, make cuda
# Of the pipeline what `pixelmill compare` and its like read, not what builds the tree.
installed_scripts := $(filter-out %setup.sh $(addprefix pipeline/,probe.sh cuda.sh book.sh dist.sh),$(wildcard pipeline/*.sh))
installed_parts := $(patsubst %,pipeline/%.mk,$(parts) $(pipeline_parts)) $(addprefix pipeline/,dag.awk \
  help.awk nearest.awk run-figures.bash resources.txt)
text_folders := $(patsubst %/,%,$(sort $(dir $(wildcard docs/*.md docs/*/*.md docs/*/*.png docs/*/*/*.png))))

completions := $(OUT)/completion/pixelmill.bash $(OUT)/completion/_pixelmill $(OUT)/completion/pixelmill.fish
descriptions := $(OUT)/completion/descriptions
presets_there := $(basename $(notdir $(wildcard configs/presets/*.yaml)))
configs_there := $(wildcard configs/*.yaml)

.PHONY: install uninstall completions
completions: $(completions) ## write completions for bash, zsh and fish, in build/completion
	@:

# The names of all tools and commands that there are.
each_name = $1 | awk -F '\t' '$$1 == "command" { print $$2 }'
# The options of all tools and commands, as each tells with --describe.
$(descriptions): $(tools) $(page_maker)
	@mkdir -p $(@D)
	@{ $(front) --describe; $(call each_name,$(front) --describe) | while read -r name; do \
	  $(front) "$$name" --describe; done; } >$@.new && mv $@.new $@

complete = awk -v presets='$(presets_there)' -v configs='$(configs_there)' \
  -v functions=pipeline/completion-functions.bash -f pipeline/completion.awk \
  -f pipeline/completion-$1.awk $(descriptions)
$(OUT)/completion/pixelmill.bash: $(descriptions) pipeline/completion.awk pipeline/completion-bash.awk pipeline/completion-functions.bash
	$(call say,GEN,$@)$(call complete,bash) >$@.new && mv $@.new $@
$(OUT)/completion/_pixelmill: $(descriptions) pipeline/completion.awk pipeline/completion-zsh.awk
	$(call say,GEN,$@)$(call complete,zsh) >$@.new && mv $@.new $@
$(OUT)/completion/pixelmill.fish: $(descriptions) pipeline/completion.awk pipeline/completion-fish.awk
	$(call say,GEN,$@)$(call complete,fish) >$@.new && mv $@.new $@

install: all $(completions) $(BUILD)/book.html $(if $(call on,PAGE),$(OUT)/wasm/studio.wasm) ## install commands, tools, man pages, completions, texts
	install -d '$(bindir)' '$(toolsdir)' '$(sharedir)/configs/presets' '$(sharedir)/pipeline' '$(sharedir)/studio' '$(mandir)' \
	  $(text_folders:%='$(docdir)/%') '$(bashdir)' '$(zshdir)' '$(fishdir)'
	install -m 755 $(front) '$(bindir)/pixelmill'
	install -m 755 $(installed_tools) '$(toolsdir)'
	$(if $(plugins_there),install -m 644 $(plugins_there) '$(toolsdir)')
	install -m 644 Makefile '$(sharedir)'
	install -m 644 $(installed_parts) '$(sharedir)/pipeline'
	install -m 755 $(installed_scripts) '$(sharedir)/pipeline'
	install -m 644 $(configs_there) '$(sharedir)/configs'
	install -m 644 $(wildcard configs/presets/*.yaml) '$(sharedir)/configs/presets'
	install -m 644 $(wildcard studio/*.html studio/*.css studio/*.js) $(wildcard $(OUT)/wasm/studio.wasm) '$(sharedir)/studio'
	install -m 644 README.md LICENSE $(BUILD)/book.html '$(docdir)'
	$(foreach folder,$(text_folders),install -m 644 $(wildcard $(folder)/*.md $(folder)/*.png) '$(docdir)/$(folder)'$(newline)$(tab))
	install -m 644 $(word 1,$(completions)) '$(bashdir)/pixelmill'
	install -m 644 $(word 2,$(completions)) '$(zshdir)'
	install -m 644 $(word 3,$(completions)) '$(fishdir)'
	@$(front) --man >'$(mandir)/pixelmill.1'
	@$(call each_name,cat $(descriptions)) | while read -r name; do \
	  $(front) "$$name" --man >'$(mandir)'/pixelmill-"$$name".1; \
	done
	@echo 'installed: $(bindir)/pixelmill'

uninstall: ## remove what install put there, and nothing else
	rm -f '$(bindir)/pixelmill' '$(bashdir)/pixelmill' '$(zshdir)/_pixelmill' '$(fishdir)/pixelmill.fish' \
	  '$(mandir)'/pixelmill.1 '$(mandir)'/pixelmill-*.1
	rm -rf '$(toolsdir)' '$(sharedir)' '$(docdir)'
