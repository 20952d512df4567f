# One image for all parts; which one it is says the command. docs/deployment.md.
FROM python:3.11.13-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md ./
COPY topics topics
COPY records records
COPY detectors detectors
COPY alerts alerts
COPY streams streams
COPY load_tests load_tests
COPY grafana grafana
RUN python -m venv /opt/citybrain \
    && /opt/citybrain/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt .

FROM python:3.11.13-slim-bookworm
RUN groupadd --gid 10001 citybrain \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/citybrain citybrain \
    && install -d -o citybrain -g citybrain /var/lib/citybrain /var/lib/citybrain/history
COPY --from=build /opt/citybrain /opt/citybrain
ENV PATH=/opt/citybrain/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 CITYBRAIN_DATA_DIR=/var/lib/citybrain
USER 10001:10001
WORKDIR /var/lib/citybrain
ENTRYPOINT ["citybrain"]
CMD ["--help"]
