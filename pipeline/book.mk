# The tutorials of docs/learn: their quotations, their pictures, and one HTML page of them all.

tutorials := docs/learn/README.md $(sort $(wildcard docs/learn/[0-9]*.md))

.PHONY: book quotes learn-images
book: $(BUILD)/book.html ## make one HTML page of the tutorials, build/book.html, to be read without a network
$(BUILD)/book.html: pipeline/book.sh pipeline/book.awk lib/report/style.c $(tutorials) $(wildcard docs/learn/images/*)
	@mkdir -p $(@D)
	bash pipeline/book.sh $(tutorials) >$@
	@echo 'wrote $@'

quotes: ## bring the code that the tutorials quote up to date
	@for text in $(tutorials); do \
	  awk -f pipeline/quote.awk $$text >$$text.new && mv $$text.new $$text || { rm -f $$text.new; exit 1; }; \
	done

learn-images: $(tools) ## draw the tutorials' pictures again, from the results of `make compare`
	PATH='$(abspath $(BIN))':$$PATH bash docs/learn/images.sh
