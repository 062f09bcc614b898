#!/bin/sh
# Sees to it that a Chromium is there for the browser tests; silent where one is.
# Without one those tests are skipped, so this never fails.
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "No Chromium here, so the browser tests are skipped; install one (chromium or google-chrome)."
  exit 0
fi
if ! { apt-get update -qq &&
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium fonts-liberation; } >/dev/null 2>&1; then
  echo "Chromium could not be installed with apt-get, so the browser tests are skipped."
fi
exit 0
