# botel by itself: the API, live page and metrics, fed over OTLP, or with the reference bot or the demo.
FROM node:26-slim AS modules
WORKDIR /botel
COPY package.json package-lock.json .npmrc ./
# The image has the Node that the npm package `node` would bring.
RUN npm ci --omit=dev --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production BOTEL_DATA_DIR=/data
WORKDIR /botel
COPY --from=modules /botel/node_modules node_modules
COPY package.json ./
COPY config config
COPY src src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000 4318
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.BOTEL_PORT || 3000) + '/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
CMD ["node", "--max-semi-space-size=2", "src/start.mjs", "serve"]
