/**
 * One frame of a capture, in the reader's buffer. A reader fills the same object again and again:
 * what is to outlive the call that hands it over must be copied.
 */
export interface Frame {
  buffer: Uint8Array
  /** First octet of the frame in `buffer`, and the octet behind its last captured one. */
  at: number
  end: number
  /** Octets that the frame had on the wire; more than were captured where a snap length cut it. */
  wireLength: number
  /**
   * When it was seen, us since 1970; where the file does not tell, or tells what no clock shows, as
   * the frame before it (0 for the first).
   */
  timeUs: number
  /** LINKTYPE_ value of its interface (tcpdump.org/linktypes). */
  linkType: number
  /** Number of its interface within its source, of NFLOG the kernel's; 0 where there is but one. */
  interfaceIndex: number
  /** Where its sender's Ethernet address lies in `buffer`, if it is not in the frame; else -1. */
  senderAt: number
}

/** The object that a reader fills, before its first frame. */
export const emptyFrame = (buffer: Uint8Array): Frame => ({
  buffer,
  at: 0,
  end: 0,
  wireLength: 0,
  timeUs: 0,
  linkType: 0,
  interfaceIndex: 0,
  senderAt: -1,
})

/** Takes a frame while it is in the buffer. */
export type FrameSink = (frame: Frame) => void

/** Why reading ended before the end of the file; undefined where it did not. */
export type Damage =
  | 'not-a-capture'
  | 'version-unknown'
  | 'cut-off'
  | 'record-too-long'
  | 'block-length'

/** What was found in a capture. */
export interface CaptureSummary {
  frames: number
  /** Blocks of pcapng that hold no packet. */
  otherBlocks: number
  /** Packets of pcapng whose interface no block describes: what their octets are is not known. */
  undescribed: number
  damage: Damage | undefined
  /** Octet of the file at which the damaged record begins. */
  damagedAt: number
}

/** The longest frame that is believed: libpcap's own bound on a snap length (MAXIMUM_SNAPLEN). */
export const maxFrameBytes = 262_144
