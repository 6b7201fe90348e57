import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** What a spool stands on: memory of 64 MiB, or ext4 in a file, whose power can be cut. */
export type DiskKind = 'memory' | 'ext4'

/**
 * EXT4_IOC_SHUTDOWN, _IOR('X', 125, u32), with 2, which is to write nothing more, not even the
 * journal (fs/ext4/ext4.h): what the device has got by then is all that it will ever have.
 */
const shutDown =
  'open(F, "<", $ARGV[0]) or die $!; my $how = pack("L", 2); ioctl(F, 0x8004587d, $how) or die $!'

const imageMiB = 512

/** A small disk of a world's own. */
export class Disk {
  /** Where it is mounted. */
  readonly path: string
  readonly #folder: string
  readonly #kind: DiskKind
  #images = 0

  constructor(folder: string, kind: DiskKind) {
    this.#folder = folder
    this.#kind = kind
    this.path = join(folder, 'disk')
    mkdirSync(this.path)
    if (kind === 'ext4') {
      execFileSync('truncate', ['-s', `${imageMiB}M`, this.#image])
      execFileSync('mkfs.ext4', ['-q', '-m', '0', this.#image])
    }
    this.#mount()
  }

  /** What ext4 stands on as the kernel calls it: `7:3`. */
  get device(): string {
    return spawnSync('findmnt', ['-no', 'MAJ:MIN', this.path], { encoding: 'utf8' }).stdout.trim()
  }

  /**
   * Takes the power: whatever was not written through to the device is lost. Who has files open
   * must be killed before {@link powerUp}.
   */
  cutPower(): void {
    execFileSync('perl', ['-e', shutDown, this.path])
  }

  /** Mounts what the device had when the power went; ext4 replays its journal. */
  powerUp(): void {
    const before = this.#image
    this.close()
    this.#images++
    // A copy: locks that this process holds keep what was mounted before alive.
    execFileSync('cp', ['--sparse=always', before, this.#image])
    this.#mount()
  }

  /** Lets it take nothing for as long as this lasts, as a disk that hangs. */
  freeze(): void {
    execFileSync('fsfreeze', ['--freeze', this.path])
  }

  thaw(): void {
    execFileSync('fsfreeze', ['--unfreeze', this.path])
  }

  close(): void {
    spawnSync('umount', ['-l', this.path])
  }

  get #image(): string {
    return join(this.#folder, `disk-${this.#images}.img`)
  }

  #mount(): void {
    const argv =
      this.#kind === 'ext4'
        ? ['-o', 'loop', this.#image]
        : ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs']
    execFileSync('mount', [...argv, this.path])
    execFileSync('chmod', ['711', this.path])
  }
}
