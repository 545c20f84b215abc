# One image for every part: `run gateway,query`, `run streams`, `run sink`. It holds the jars that
# `./mvnw -Dquick package` (or any ./tidemill command) has built.
FROM eclipse-temurin:25-jre
RUN groupadd --gid 10001 tidemill \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/tidemill tidemill \
 && install -d -o tidemill -g tidemill /var/lib/tidemill
COPY launcher/target/lib /opt/tidemill/lib
COPY tidemill docker/healthy /opt/tidemill/
ENV TIDEMILL_LIB=/opt/tidemill/lib \
    TIDEMILL_HTTP_HOST=0.0.0.0 \
    TIDEMILL_STATE_DIR=/var/lib/tidemill/streams
WORKDIR /var/lib/tidemill
USER tidemill
# State that a part can rebuild, yet would rather keep; one volume for each container.
VOLUME /var/lib/tidemill
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 CMD ["/opt/tidemill/healthy"]
ENTRYPOINT ["/opt/tidemill/tidemill"]
CMD ["--help"]
