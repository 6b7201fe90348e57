import { FlowTable } from '../classifier/flow-table.ts'
import { PacketDecoder } from '../collector/capture/decoder.ts'
import { readCaptureFile } from '../collector/capture/pcap-file.ts'
import { compileLate, tellOfBytecode } from '../model/inlining.ts'

/** The bound: each packet of a file, and the flow that it belongs to, with nothing classified. */
export function start(isBytecode: boolean): void {
  if (isBytecode) tellOfBytecode()
  compileLate()
  const table = new FlowTable(() => {}, 1 << 20)
  const decoder = new PacketDecoder((packet) => table.flowOf(packet))
  readCaptureFile(process.argv[1] ?? '', (frame) => decoder.decode(frame))
  decoder.flush()
}
