# One image; the command chooses the role: serve (default), worker, check, bench.
FROM node:24-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM python:3.11-slim-bookworm AS wheel
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/yuyan && /opt/yuyan/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY bimcore/ bimcore/
COPY gis/ gis/
COPY clash/ clash/
COPY api/ api/
RUN /opt/yuyan/bin/pip install --no-cache-dir --no-build-isolation --no-deps .
# Kernels are compiled here, so that no container pays for it at its first job.
ENV NUMBA_CACHE_DIR=/opt/kernels
RUN /opt/yuyan/bin/yuyan warm

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home yuyan && mkdir /data && chown yuyan /data
# numba refuses a kernel cache it cannot write to, hence the owner.
COPY --from=wheel --chown=yuyan /opt/kernels /opt/kernels
COPY --from=wheel /opt/yuyan /opt/yuyan
COPY --from=web /src/web/dist /opt/yuyan/web
COPY sample_models/ /opt/yuyan/sample_models/
ENV PATH=/opt/yuyan/bin:$PATH \
    NUMBA_CACHE_DIR=/opt/kernels \
    YUYAN_DATA=/data \
    YUYAN_WEB=/opt/yuyan/web \
    YUYAN_HOST=0.0.0.0 \
    YUYAN_PORT=8000
USER yuyan
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["yuyan"]
CMD ["serve"]
