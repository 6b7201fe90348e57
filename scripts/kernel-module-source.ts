/** The assembler for WebAssembly's text form; a development dependency, loaded where it is used. */
interface Assembler {
  parseWat(
    name: string,
    text: string,
    features: { simd: boolean; bulk_memory: boolean }
  ): { validate(): void; toBinary(options: object): { readonly buffer: Uint8Array } }
}

/** Texts of compiled kernels, each with the file that is made of it. */
export const kernelTexts = [
  { text: 'collector/netflow/kernels.wat', module: 'collector/netflow/kernel-module.ts' },
  {
    text: 'collector/conntrack/event-kernels.wat',
    module: 'collector/conntrack/event-kernel-module.ts',
  },
  { text: 'exporter/record-kernels.wat', module: 'exporter/record-kernel-module.ts' },
  { text: 'store/unpack-kernels.wat', module: 'store/unpack-kernel-module.ts' },
  { text: 'store/spool-kernels.wat', module: 'store/spool-kernel-module.ts' },
] as const

/** The source of a module's file for the text that it is made of. */
export async function kernelModuleSource(text: string, name: string): Promise<string> {
  const assembler: string = 'wabt'
  const { default: load } = (await import(assembler)) as { default: () => Promise<Assembler> }
  const module = (await load()).parseWat(name, text, { simd: true, bulk_memory: true })
  module.validate()
  const octets = Buffer.from(module.toBinary({}).buffer).toString('base64')
  const lines = octets.match(/.{1,90}/g) ?? []
  return `// Made by scripts/assemble-kernels.ts of ${name}: change that, not this.

/** The compiled kernels: octets of a WebAssembly module. */
export const kernelModule = Buffer.from(
  [
${lines.map((line) => `    '${line}',\n`).join('')}  ].join(''),
  'base64'
)
`
}
