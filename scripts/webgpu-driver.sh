#!/bin/sh
# Puts a software Vulkan driver (SwiftShader, out of Debian's chromium package) and the Vulkan loader into a cache
# folder, so that the provider webgpu starts on a machine without a GPU. Nothing is installed; to use it:
#
#   eval "$(scripts/webgpu-driver.sh)"
#
# Other folder: SCALPEL_WEBGPU_DRIVER. Needs Debian or Ubuntu on x64, apt-get with a chromium package, and up to
# 90 MB of download. Mesa's lavapipe does not do: the runtime refuses the version that Debian 12 has.
set -eu

folder=${SCALPEL_WEBGPU_DRIVER:-${XDG_CACHE_HOME:-$HOME/.cache}/onnx-scalpel/webgpu-driver}

print_settings() {
  echo "export VK_ICD_FILENAMES='$folder/vk_swiftshader_icd.json'"
  echo "export LD_LIBRARY_PATH='$folder'\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
}

fail() {
  echo "webgpu-driver: $1" >&2
  exit 1
}

if [ -f "$folder/vk_swiftshader_icd.json" ]; then
  print_settings
  exit 0
fi

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || fail "expected $tool, found none; only Debian and Ubuntu are supported"
done
[ "$(uname -m)" = x86_64 ] || fail "expected an x86_64 machine, got $(uname -m); SwiftShader is built for x64 only"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"

fetch() { apt-get -qq download "$@" 2>"$work/errors"; }
fetch libvulkan1 || {
  echo 'webgpu-driver: refreshing the package lists' >&2
  apt-get -qq update >&2 || fail 'apt-get update failed; run it as root, then this script again'
  fetch libvulkan1 || fail "$(cat "$work/errors")"
}

# which of the two holds the driver differs between releases; the small one is tried first
for package in chromium-common chromium; do
  fetch "$package" || continue
  for file in *.deb; do dpkg-deb -x "$file" unpacked; done
  [ ! -f unpacked/usr/lib/chromium/libvk_swiftshader.so ] || break
done
[ -f unpacked/usr/lib/chromium/libvk_swiftshader.so ] || fail 'found no SwiftShader in the chromium packages of this release'

mkdir -p "$folder"
cp -L unpacked/usr/lib/x86_64-linux-gnu/libvulkan.so.1 unpacked/usr/lib/chromium/libvk_swiftshader.so "$folder"
# the driver's description comes last: it marks the folder as complete
cp unpacked/usr/lib/chromium/vk_swiftshader_icd.json "$folder"
print_settings
