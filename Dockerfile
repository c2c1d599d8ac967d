# The tool in a container: assets, then the environment, then only what serving needs.
#
#   docker build --build-arg TORCH_INDEX=<address> --tag undertone .
#
# TORCH_INDEX chooses the CPU or CUDA build of torch, as with make (README.md). A CUDA build brings the CUDA
# libraries along; the host adds its driver (docker run --gpus all).

FROM node:22-bookworm-slim AS assets
WORKDIR /build
COPY .npmrc package.json package-lock.json ./
COPY scripts/assets.sh scripts/
RUN scripts/assets.sh

FROM python:3.11-slim-bookworm AS environment
ARG TORCH_INDEX=
ENV PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY pyproject.toml constraints.txt README.md ./
COPY scripts/install.sh scripts/
COPY lti_tool lti_tool
COPY model model
COPY templates templates
COPY static static
COPY --from=assets /build/static/vendor static/vendor
RUN TORCH_INDEX="${TORCH_INDEX}" scripts/install.sh /opt/undertone '.[gpu,scale]'

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/undertone --create-home undertone
COPY --from=environment /opt/undertone /opt/undertone
ENV PATH=/opt/undertone/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1 \
    UNDERTONE_HOME=/var/lib/undertone \
    UNDERTONE_HOST=0.0.0.0 \
    UNDERTONE_PORT=8700
USER undertone
WORKDIR /var/lib/undertone
VOLUME /var/lib/undertone
EXPOSE 8700
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8700/health/live', timeout=4)"]
CMD ["undertone", "serve"]
