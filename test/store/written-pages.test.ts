import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import koffi from 'koffi'
import { expect, onTestFinished, test } from 'vitest'
import { WrittenPages } from '../../store/written-pages.ts'

const MiB = 1 << 20
const pageBytes = 4096

/** Pages of a file that are in memory (mincore(2)), of its first octets. */
function pagesInMemory(fd: number, bytes: number): boolean[] {
  const libc = koffi.load('libc.so.6')
  const mmap = libc.func('void *mmap(void *, size_t, int, int, int, int64_t)')
  const mincore = libc.func('int mincore(void *, size_t, _Out_ uint8_t *)')
  const munmap = libc.func('int munmap(void *, size_t)')
  const [PROT_READ, MAP_SHARED] = [1, 1]
  const at: unknown = mmap(null, bytes, PROT_READ, MAP_SHARED, fd, 0)
  const pages = Buffer.alloc(bytes / pageBytes)
  expect(mincore(at, bytes, pages)).toBe(0)
  munmap(at, bytes)
  return [...pages].map((page) => (page & 1) === 1)
}

test('pages far behind the writer are given back, those of the last octets stay, and all can be read', () => {
  // In the checkout: a temporary directory is often memory itself, which has nothing to give back.
  const directory = mkdtempSync(join(import.meta.dirname, 'pages-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const fd = openSync(join(directory, 'file'), 'wx+')
  onTestFinished(() => closeSync(fd))
  const chunk = Buffer.alloc(MiB, 'spool')
  for (let at = 0; at < 24 * MiB; at += MiB) writeSync(fd, chunk, 0, MiB, at)
  fdatasyncSync(fd)
  expect(pagesInMemory(fd, 24 * MiB)).not.toContain(false)

  new WrittenPages(fd).safeTo(24 * MiB)
  const pages = pagesInMemory(fd, 24 * MiB)
  const firstKept = (16 * MiB) / pageBytes
  expect(pages.slice(firstKept)).not.toContain(false)
  expect(pages.slice(0, firstKept).filter(Boolean).length).toBeLessThan(firstKept / 10)

  const back = Buffer.alloc(MiB)
  expect(readSync(fd, back, 0, MiB, 0)).toBe(MiB)
  expect(back.equals(chunk)).toBe(true)
})

test('a descriptor that is none costs nothing', () => {
  expect(() => new WrittenPages(-1).safeTo(64 * MiB)).not.toThrow()
})
