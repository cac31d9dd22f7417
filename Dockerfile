# pocketrag in a container; docs/installing.md#in-a-container has the lines that build and run it.
#
# PYTHON       3.10 (runtime alone), 3.11 or 3.12. Before the first build, pin the image to a digest that you have looked at.
# EXTRAS       what `pip install 'pocketrag[…]'` would take, as in export or ingest,bench; empty for the runtime.
# TORCH_INDEX  the address of an index with torch's CPU builds; needed with train, instruct, export, npu and demo, or pip
#              brings the build for CUDA, gigabytes more.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS wheel
WORKDIR /source
COPY . .
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:${PYTHON}-slim-bookworm
ARG EXTRAS=""
ARG TORCH_INDEX=""
ENV HF_HOME=/cache \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# DVC keeps its pointers in git.
RUN if [[ ",$EXTRAS," == *,versions,* ]]; then \
      apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*; \
    fi
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    for wheel in /wheels/*.whl; do \
      python -m pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} "$wheel${EXTRAS:+[$EXTRAS]}"; \
    done \
    && python -m pip check
RUN useradd --create-home --uid 1000 pocketrag \
    && mkdir /cache /project \
    && chown pocketrag:pocketrag /cache /project
USER pocketrag
# Models of the hub; a named volume keeps them.
VOLUME /cache
WORKDIR /project
ENTRYPOINT ["pocketrag"]
CMD ["--help"]
