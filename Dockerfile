# The service alone; PostgreSQL runs beside it (compose.yaml).
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.txt pyproject.toml README.md ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt
COPY ledger ledger
COPY service service
COPY api api
COPY jobs jobs
COPY migrations migrations
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
# hadolint ignore=DL3008 # as the image: newest of this Debian; what makes papers needs these
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home amanat
COPY --from=build /venv /venv
USER 10001
WORKDIR /home/amanat
ENV PATH=/venv/bin:$PATH
EXPOSE 8040
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8040/health/live')"]
ENTRYPOINT ["amanat"]
CMD ["serve"]
