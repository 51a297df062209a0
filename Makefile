# Needs python3 (3.11 or newer) and make; everything else is installed into .venv, pinned and hashed by requirements/*.txt.
# A stamp file in .venv says what is installed already: a second run installs nothing.
PYTHON ?= python3
DATA ?= var
PORT ?= 8000
TESTS ?= tests
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install develop run test kill spark check docs e2e bench requirements clean

help:  ## 显示本说明
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/  make \1\t\2/' | expand -t 22

install: .venv/base.stamp  ## 安装运行环境到 .venv
develop: .venv/dev.stamp  ## 再安装测试与检查工具

run: .venv/base.stamp  ## 启动演示网站 http://127.0.0.1:8000
	$(BIN)/fundguard serve --demo --data $(DATA) --port $(PORT)

test: .venv/dev.stamp  ## 运行测试（SQLite；设 FUNDGUARD_TEST_DB 则用 PostgreSQL）
	$(BIN)/python -m pytest -q -n 2 -m "not browser and not kill and not spark" $(TESTS)

kill: .venv/dev.stamp  ## 强行结束进程的测试；随机输入的测试，各试三倍
	FUNDGUARD_DEPTH=3 $(BIN)/python -m pytest -q -n 2 -m "kill or hypothesis" $(TESTS)

spark: .venv/spark.stamp  ## 安装 Spark 组件，在 Spark 上运行规则的示例（需要 Java 17 或更高版本）
	$(BIN)/python -m pytest -q -m spark $(TESTS)

check: .venv/dev.stamp  ## 静态检查、分层、文档是否最新、上线检查
	$(BIN)/ruff check src tests scripts benchmarks
	$(BIN)/ruff format --check src tests scripts benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/docs.py --check
	$(BIN)/python -m pytest -q tests/house
	FUNDGUARD_DATA=$$(mktemp -d) FUNDGUARD_SECRET=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
	  FUNDGUARD_HOSTS=fundguard.example FUNDGUARD_DATABASE=postgres://fundguard@127.0.0.1/fundguard \
	  DJANGO_SETTINGS_MODULE=fundguard.web.settings.production $(BIN)/python -m django check --deploy --fail-level WARNING

docs: .venv/dev.stamp  ## 由声明重新生成 docs/reference
	$(BIN)/python scripts/docs.py

e2e: .venv/dev.stamp  ## 浏览器测试（需要本机的 Chromium 与中文字体）
	@scripts/browser
	$(BIN)/python -m pytest -q -m browser $(TESTS)

bench: .venv/dev.stamp  ## 性能测量，结果写入 benchmarks/results
	$(BIN)/python benchmarks/run.py $(BENCH)
	$(BIN)/python benchmarks/desk.py $(DESK)

requirements: .venv/build.stamp  ## 按 requirements/*.in 重新锁定依赖
	for name in build base dev spark; do \
	  CUSTOM_COMPILE_COMMAND="make requirements" UV_CUSTOM_COMPILE_COMMAND="make requirements" \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links -o requirements/$$name.txt requirements/$$name.in || exit 1; \
	done

clean:  ## 删除 .venv（不动数据）
	rm -rf .venv

.venv/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "需要 Python 3.11 或更高版本 / needs Python 3.11 or newer: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/build.stamp: .venv/python.stamp requirements/build.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/build.txt
	@touch $@

.venv/base.stamp: .venv/build.stamp requirements/base.txt pyproject.toml
	$(call hashed,requirements/base.txt)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/base.stamp requirements/dev.txt
	$(call hashed,requirements/dev.txt)
	@touch $@

# Spark comes as source only: it is unpacked with the tools that are pinned here, not with others fetched for it.
.venv/spark.stamp: .venv/dev.stamp requirements/spark.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --require-hashes -r requirements/spark.txt || \
	  $(BIN)/python -m pip install --quiet --no-build-isolation --require-hashes -r requirements/spark.txt
	@touch $@

# uv is several times faster than pip; where it cannot reach the index that pip is set up for, pip does the same work.
define hashed
$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) || \
  $(BIN)/python -m pip install --quiet --require-hashes -r $(1)
endef
