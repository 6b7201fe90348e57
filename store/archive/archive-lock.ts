/** Key of the advisory lock of who changes the archive: the letters "arch". */
export const archiveLock = 0x61726368
