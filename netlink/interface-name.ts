import koffi from 'koffi'

/** IF_NAMESIZE of <net/if.h>, the final zero included. */
const nameBytes = 16

const nameCall = koffi.load('libc.so.6').func('void *if_indextoname(uint32_t index, void *name)')

/** Name of a network interface of this namespace; undefined where it is gone. */
export function interfaceName(index: number): string | undefined {
  const name = Buffer.alloc(nameBytes)
  if (nameCall(index, name) === null) return undefined
  return name.toString('latin1', 0, name.indexOf(0))
}
