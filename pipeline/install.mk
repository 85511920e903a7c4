# Installing: `pixelmill` on the PATH, the tools themselves out of the way of others of the same name.

#: Installing: PREFIX=/usr/local, DESTDIR for packagers.

PREFIX ?= /usr/local
bindir := $(DESTDIR)$(PREFIX)/bin
toolsdir := $(DESTDIR)$(PREFIX)/libexec/pixelmill
sharedir := $(DESTDIR)$(PREFIX)/share/pixelmill
mandir := $(DESTDIR)$(PREFIX)/share/man/man1

plugins_there := $(wildcard $(BIN)/*.so $(OUT)/lib/*.so)

.PHONY: install uninstall
install: all ## install the tools, the plugins that were built, the configs and the man pages
	install -d '$(bindir)' '$(toolsdir)' '$(sharedir)/configs/presets' '$(mandir)'
	install -m 755 $(front) '$(bindir)/pixelmill'
	$(if $(tools),install -m 755 $(tools) '$(toolsdir)')
	$(if $(plugins_there),install -m 755 $(plugins_there) '$(toolsdir)')
	install -m 644 $(wildcard configs/*.yaml) '$(sharedir)/configs'
	install -m 644 $(wildcard configs/presets/*.yaml) '$(sharedir)/configs/presets'
	@for tool in $(notdir $(tools)); do \
	  $(BIN)/$$tool --man >'$(mandir)'/pixelmill-$$tool.1; \
	done
	@$(front) --man >'$(mandir)/pixelmill.1'
	@echo 'installed: $(bindir)/pixelmill'

uninstall: ## remove what install put there, and nothing else
	rm -f '$(bindir)/pixelmill' '$(mandir)/pixelmill.1' $(foreach tool,$(notdir $(tools)),'$(mandir)/pixelmill-$(tool).1')
	rm -rf '$(toolsdir)' '$(sharedir)'
