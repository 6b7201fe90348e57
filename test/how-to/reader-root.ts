import { once } from 'node:events'
import type { Topology } from '../../cli/demo/topology.ts'

/**
 * A root of its own for a reader, who writes into `/etc` and `/var`: a tmpfs over a folder, with a
 * copy of this machine's `/etc`, devices of its own, and all that holds programs as it is here but
 * not to be written. It lives in a mount namespace and is gone with the last process in it.
 *
 * Arguments: the folder, then what must be there whatever the machine looks like (this checkout
 * first), and behind `--` what must not be: a program that was compiled once, where another is
 * tried.
 */
const script = `
set -eu
root=$1 checkout=$2; shift
mount -t tmpfs -o mode=755 flowledger-reader "$root"
cd "$root"
as_it_is() {
  mount --rbind "$1" "$root$1"
  mount -o remount,bind,ro "$root$1"
}
mkdir -p dev/pts dev/shm tmp run/lock root home srv/bin proc sys
mkdir -p var/lib var/log var/cache var/spool var/tmp
chmod 1777 tmp var/tmp dev/shm
chmod 711 root
ln -s /run var/run
ln -s /run/lock var/lock
cp -a /etc .
mount --rbind /proc proc
as_it_is /sys
for each in /*; do
  if [ -L "$each" ]; then
    cp -P "$each" .
  elif [ -d "$each" ] && [ ! -e "$root$each" ]; then
    case $each in
      /boot | /lost+found | /media | /mnt) ;;
      *) mkdir "$root$each"; as_it_is "$each" ;;
    esac
  fi
done
for node in null zero full random urandom tty; do
  : > "dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
while [ "$#" -gt 0 ] && [ "$1" != -- ]; do
  if [ ! -e "$root$1" ]; then
    mkdir -p "$root$1"
    as_it_is "$1"
  fi
  shift
done
# npx makes what it starts executable, whether it is or not.
mount -t tmpfs -o mode=755 bin "$root$checkout/bin"
cp -a "$checkout/bin/." "$root$checkout/bin/"
[ "$#" -eq 0 ] || shift
for hidden; do
  [ ! -d "$root$hidden" ] || mount -t tmpfs -o mode=755 hidden "$root$hidden"
done
hostname vm
# Not before: until then this root is the machine's.
exec chroot "$root" sh -c 'echo ready; exec sleep infinity'
`

/**
 * Makes the root over a folder, in the gateway.
 *
 * @returns the process that holds it: `/proc/ID/root` is the reader's root
 */
export async function holdRoot(
  topology: Topology,
  folder: string,
  needed: readonly string[],
  hidden: readonly string[]
): Promise<number> {
  const argv = ['unshare', '--mount', '--uts', '--propagation', 'private', 'bash', '-c', script]
  const places = [folder, ...needed, '--', ...hidden]
  const holder = topology.spawn(topology.gateway, [...argv, 'reader-root', ...places], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await Promise.race([
    once(holder.stdout ?? holder, 'data'),
    once(holder, 'exit').then(() => ['no root could be made for a reader']),
  ])) as [Buffer | string]
  if (String(said).trim() !== 'ready' || holder.pid === undefined) throw new Error(String(said))
  return holder.pid
}
