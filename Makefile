# Every target works from a clean checkout with Go alone; what needs more says
# so and how to get it. One script is CI, pre-commit and "make check".

GO      ?= go
VULNDB  ?= ../shared/vulndb.tgz
FUZZ    ?= 10s
KILLS   ?= 20
CYCLES  ?= 100
EVENTS  ?= 1000000
STORIES ?= ^(TestScripts|TestAuthoringGuideRuns)$$
ROUNDS  ?= 10
COUNT   ?= 5
SCALE   ?= 1
SEED    ?=
SCALES  ?= 0.06,0.6,6
BROWSER ?= chromium
SHOTS   ?=

.DEFAULT_GOAL := help
.PHONY: city growth browser load peers font paper pdftotext help build generate check check-full tools gcc strace bench fmt vet lint race fresh vuln nocgo bytes fuzz crash models network fidelity

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: ## build bin/leeway
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/leeway ./cmd/leeway

generate: ## write every generated file again
	$(GO) generate ./...

check: fmt vet lint fresh race vuln ## what every commit must pass

# The last of them runs every test again, so that a log ends with the packages.
check-full: tools check paper browser models peers network fidelity crash bytes fuzz nocgo ## check, and the slow checks before a release

# In a module of its own, so that the peers' dependencies stay out of ours. Stop
# other work on the machine first: the table says under what load it was taken.
bench: ## measure ourselves beside the peers and write the table of docs/performance.md
	cd bench && $(GO) vet ./... && $(GO) test -count=1 ./... && $(GO) run ./table -count $(COUNT) -write ../docs/performance.md

# Ends by itself in under eight minutes. Stop other work first, as for bench.
load: ## ask a server with 100,000 cases for their pages, and write what it took into docs/performance.md
	cd bench && $(GO) run ./load -write ../docs/performance.md

# SEED: none stands for a fixed one and one that nobody chose.
city: ## a made-up city imported, replayed and held against its truth (SCALE=, SEED=)
	@.ci/city $(GO) $(SCALE) $(SEED)

# Cities of about 1,000, 10,000 and 100,000 cases: the last takes an hour and 10 GB.
growth: ## time and memory of a case as a city grows: docs/growth.csv and docs/growth.svg
	cd bench && $(GO) run ./growth -scales $(SCALES)

fmt:
	@bad=$$("$$($(GO) env GOROOT)/bin/gofmt" -l $$(git ls-files -co --exclude-standard '*.go')); \
	test -z "$$bad" || { echo "not formatted, run gofmt -w on:"; echo "$$bad"; exit 1; }

tools: gcc strace pdftotext chromium # what check-full needs beside Go, and how to get it
	@test -n "$$LEEWAY_POSTGRES" || { echo "LEEWAY_POSTGRES names no database (read models on PostgreSQL): apt-get install postgresql, then .ci/postgres make check-full; or set it to postgres://…"; exit 1; }

vet:
	$(GO) vet ./...
	$(GO) vet -tags faults ./cmd/leeway

lint:
	$(GO) tool staticcheck ./...

gcc:
	@command -v gcc >/dev/null || { echo "gcc is missing (race detector): apt-get install gcc libc6-dev"; exit 1; }

strace:
	@command -v strace >/dev/null || { echo "strace is missing (failing system calls): apt-get install strace"; exit 1; }

# The stories are told by the command line without the detector: they start a
# few hundred programs, one after another, and take ten times as long with it.
race: gcc
	CGO_ENABLED=1 $(GO) test -race -timeout 20m -skip '$(STORIES)' ./...
	$(GO) test -timeout 20m -run '$(STORIES)' ./cmd/leeway

fresh:
	@.ci/fresh $(GO)

vuln:
	@.ci/vuln $(GO) $(VULNDB)

nocgo:
	CGO_ENABLED=0 $(GO) test -count=1 ./...

fuzz:
	@.ci/fuzz $(GO) $(FUZZ)

pdftotext:
	@command -v pdftotext >/dev/null || { echo "pdftotext is missing (another reader of our PDF): apt-get install poppler-utils"; exit 1; }

paper: pdftotext
	LEEWAY_PDFTOTEXT=pdftotext $(GO) test -count=1 ./api/documents

# Needs Debian's fonts-noto-cjk, unicode-data and fonttools.
font: ## build the font of documents again, and compare
	/usr/bin/python3 api/documents/font/build.py api/documents/font/leeway-serif.ttf.gz
	git diff --exit-code --stat -- api/documents/font

# The store and the whole program killed while they write, at known system calls
# too, and a disk that fails at an fsync. strace stands between.
crash: strace
	@$(GO) test -list '^TestKill$$' ./eventstore/sqlite | grep -q TestKill || { echo "TestKill is gone from eventstore/sqlite: no crash was tested"; exit 1; }
	$(GO) test -count=$(KILLS) -timeout 20m -run '^TestKill$$' ./eventstore/sqlite
	LEEWAY_KILLS=$(CYCLES) $(GO) test -count=1 -timeout 20m -v -run '^TestKilledServer$$' ./cmd/leeway
	$(GO) test -count=1 -timeout 20m -tags faults -run '^(TestFsyncError|TestKilledAtFsync|TestFullDisk)$$' ./cmd/leeway

# The pages as every role sees them, on a telephone and on a desk, in both
# languages, and each user's story told by filling their forms; axe-core looks at
# every one. SHOTS=DIR keeps a picture of each, and the papers as PDF.
browser: chromium
	LEEWAY_BROWSER=$(BROWSER) LEEWAY_SHOTS=$(SHOTS) $(GO) test -count=1 -timeout 25m -run '^Test(Pages|Stories)InABrowser$$' ./cmd/leeway

chromium:
	@command -v $(BROWSER) >/dev/null || { echo "$(BROWSER) is missing (pages in a browser): apt-get install chromium fonts-noto-cjk, or set BROWSER"; exit 1; }

# That the peers of make bench give the same answers as we do, and that other
# people's verifiers (Tessera's client and fsck) accept what we export.
peers:
	cd bench && $(GO) vet ./... && $(GO) test -count=1 ./...
	cd interop && $(GO) vet ./... && $(GO) test -count=1 ./...

# Read models: a projector killed again and again, and the memory that a rebuild
# of many events takes.
models:
	LEEWAY_CRASH_CYCLES=50 $(GO) test -count=1 -timeout 20m -run 'Kill|EveryStatement' ./projections
	LEEWAY_REBUILD_EVENTS=$(EVENTS) $(GO) test -count=1 -timeout 30m -run RebuildMemory -v ./projections

# Every single byte of an evidence package changed, and the last batch of a store
# cut off after every one, one at a time.
bytes:
	LEEWAY_EVERY_BYTE=1 $(GO) test -count=1 -timeout 30m -v -run '^TestEveryChangedByteIsRefused$$' ./ledger/evidence
	LEEWAY_EVERY_BYTE=1 $(GO) test -count=1 -timeout 30m -v -run '^(TestLastBatchCutAnywhere|TestStoreCutAnywhere)$$' ./ledger

# Bad networks, outages and linearizability, so many times as long as in a
# plain test (LEEWAY_ESDB_ROUNDS). LEEWAY_ESDB=esdb://… adds the contract on a
# real server; without it that one test is skipped.
network:
	LEEWAY_ESDB_ROUNDS=$(ROUNDS) $(GO) test -count=1 -timeout 20m -run 'Contract|Stops|Storm|Linearizable' ./eventstore/esdb

# The official client's own tests against esdbserver (LEEWAY_FIDELITY). They
# take the ports 2111 to 2113 of this machine.
fidelity:
	LEEWAY_FIDELITY=1 $(GO) test -count=1 -timeout 10m -run '^TestFidelity$$' ./eventstore/esdbserver
