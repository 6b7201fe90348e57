import koffi from 'koffi'

/**
 * The few calls of the C library that sockets of address families unknown to Node need. All are
 * called synchronously: a call costs about 0.2 us, a thread hop far more.
 */
const libc = koffi.load('libc.so.6')

const socketCall = libc.func('int socket(int domain, int type, int protocol)')
const bindCall = libc.func('int bind(int fd, const void *address, uint32_t length)')
const connectCall = libc.func('int connect(int fd, const void *address, uint32_t length)')
const sendmmsgCall = libc.func(
  'int sendmmsg(int fd, const void *messages, uint32_t count, int flags)'
)
const setsockoptCall = libc.func(
  'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'
)
const getsockoptCall = libc.func(
  'int getsockopt(int fd, int level, int name, _Out_ void *value, _Inout_ uint32_t *length)'
)
const recvmmsgCall = libc.func(
  'int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)'
)
const sendCall = libc.func('int64_t send(int fd, const void *data, size_t length, int flags)')
const socketNameCall = libc.func(
  'int getsockname(int fd, _Out_ void *address, _Inout_ uint32_t *length)'
)
const madviseCall = libc.func('int madvise(uint64_t address, uint64_t length, int advice)')
const closeCall = libc.func('int close(int fd)')

const MADV_HUGEPAGE = 14

/** errno values that callers tell apart (Linux, all architectures that Node runs on). */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  ENFILE: 23,
  ENOSPC: 28,
  EMSGSIZE: 90,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
} as const

/** The errno of a call that has just returned -1. */
export function lastErrno(): number {
  return koffi.errno()
}

/** The address of a buffer's first byte. The caller keeps the buffer alive and never grows it. */
export function addressOf(buffer: Buffer): bigint {
  return koffi.address(buffer)
}

export function openSocket(domain: number, type: number, protocol: number): number {
  return socketCall(domain, type, protocol) as number
}

export function bindSocket(fd: number, address: Buffer): number {
  return bindCall(fd, address, address.length) as number
}

export function connectSocket(fd: number, address: Buffer): number {
  return connectCall(fd, address, address.length) as number
}

/** Sets an integer option; returns 0 or -1. */
export function setOption(fd: number, level: number, name: number, value: number): number {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return setsockoptCall(fd, level, name, bytes, 4) as number
}

/** Sets an option that is a structure; returns 0 or -1. */
export function setOptionBytes(fd: number, level: number, name: number, value: Buffer): number {
  return setsockoptCall(fd, level, name, value, value.length) as number
}

/** Reads an integer option; undefined where the kernel refuses. */
export function getOption(fd: number, level: number, name: number): number | undefined {
  const bytes = Buffer.alloc(4)
  const result = getsockoptCall(fd, level, name, bytes, [4]) as number
  return result === 0 ? bytes.readInt32LE() : undefined
}

/** Reads an option that is an array of u32; undefined where the kernel refuses. */
export function getOptionWords(
  fd: number,
  level: number,
  name: number,
  words: number
): Uint32Array | undefined {
  const bytes = Buffer.alloc(4 * words)
  const result = getsockoptCall(fd, level, name, bytes, [bytes.length]) as number
  if (result !== 0) return undefined
  return Uint32Array.from({ length: words }, (_, index) => bytes.readUInt32LE(4 * index))
}

/** The address that a socket is bound to, as the kernel writes it. */
export function socketName(fd: number): Buffer {
  const address = Buffer.alloc(28)
  socketNameCall(fd, address, [address.length])
  return address
}

export function receiveMany(fd: number, messages: Buffer, count: number, flags: number): number {
  return recvmmsgCall(fd, messages, count, flags, null) as number
}

/** Sends `count` datagrams of a `struct mmsghdr` array (sendmmsg(2)). */
export function sendMany(fd: number, messages: Buffer, count: number, flags: number): number {
  return sendmmsgCall(fd, messages, count, flags) as number
}

export function sendBytes(fd: number, data: Buffer): number {
  return Number(sendCall(fd, data, data.length, 0))
}

/**
 * Asks for pages of 2 MiB in `length` octets from the beginning of what a buffer is a part of on:
 * what is visited here and there would miss the processor's table of pages each time. It is advice;
 * a kernel without such pages changes nothing.
 */
export function adviseHugePages(part: Buffer, length: number): void {
  madviseCall(addressOf(part) - BigInt(part.byteOffset), length, MADV_HUGEPAGE)
}

export function closeSocket(fd: number): void {
  closeCall(fd)
}
