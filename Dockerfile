# The container image: `docker build -t teleconsultation .`
#
# Each base image is an argument, for who has mirrors of their own, or wants to name one by its digest. The last has nothing but the C
# library and its kin: no shell, no package manager. Its registry tells versions apart by Debian's release alone.
ARG NODE_IMAGE=docker.io/library/node:24.19.0-trixie-slim
ARG RUST_IMAGE=docker.io/library/rust:1.95.0-slim-trixie
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian13:nonroot

FROM ${NODE_IMAGE} AS pages
WORKDIR /source/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM ${RUST_IMAGE} AS program
WORKDIR /source
COPY . .
COPY --from=pages /source/web/dist web/dist
# The pages are those of these sources, whatever the files' times say: a stage that was built before is older than a fresh checkout.
RUN touch web/dist/call/index.html \
 && cargo build --release --locked --bin teleconsultation
RUN mkdir -p /out/bin /out/data \
 && strip --strip-debug -o /out/bin/teleconsultation target/release/teleconsultation \
 && install -d -m 0700 /out/data/teleconsultation

FROM ${RUNTIME_IMAGE} AS runtime
COPY --from=program /out/bin /usr/local/bin
# An empty folder, which a new volume takes its owner from.
COPY --from=program --chown=65532:65532 /out/data /var/lib
# In a container every address is the container's own: who reaches the port is decided by whoever publishes it.
ENV HTTP_HOST=0.0.0.0 \
    DATA_DIR=/var/lib/teleconsultation
LABEL org.opencontainers.image.title="Teleconsultation" \
      org.opencontainers.image.description="Schedules video visits and carries the calls." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
VOLUME /var/lib/teleconsultation
# API and pages; media.
EXPOSE 3000/tcp 7882/udp 7881/tcp
# By number, so that an orchestrator sees that it is not root.
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s CMD ["/usr/local/bin/teleconsultation", "health"]
ENTRYPOINT ["/usr/local/bin/teleconsultation"]
