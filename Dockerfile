# Martlet: one static binary and its models on an empty root.
#   docker build -t martlet . && docker run --rm -p 8080:8080 --read-only martlet
FROM swift:6.3-bookworm AS build
WORKDIR /src
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
# Nothing in it throws C++ exceptions or unwinds the stack: 2.9 MB of tables for that stay out.
RUN echo 'SECTIONS { /DISCARD/ : { *(.eh_frame) } } INSERT AFTER .text;' > /no-unwinding.ld \
 && swift build -c release --product martlet -Xswiftc -static-executable \
      -Xlinker --no-eh-frame-hdr -Xlinker -T/no-unwinding.ld -Xlinker -s \
 && cp "$(swift build -c release --show-bin-path)/martlet" /martlet

FROM scratch
COPY --from=build /martlet /martlet
COPY models /models
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/martlet", "health"]
ENTRYPOINT ["/martlet"]
CMD ["serve", "/models", "--host", "0.0.0.0"]
