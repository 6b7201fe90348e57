import { classifyFile } from '../appliance/capture/classify-file.ts'
import { catalogue } from '../classifier/applications/load.ts'
import { RuleKeeper } from '../classifier/applications/rule-keeper.ts'
import { compileLate, tellOfBytecode } from '../model/inlining.ts'

/** The same as `classify FILE` up to the names of flows; nothing is said of them. */
export function start(isBytecode: boolean): void {
  if (isBytecode) tellOfBytecode()
  compileLate()
  classifyFile(process.argv[1] ?? '', () => {}, new RuleKeeper([catalogue]))
}
