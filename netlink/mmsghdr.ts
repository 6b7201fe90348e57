/** Octets of the structures of recvmmsg(2), on 64-bit Linux; netlink/socket.ts draws them. */
export const mmsghdrBytes = 64
export const iovecBytes = 16
