import { fileURLToPath } from 'node:url'
import { writeBundle } from './bundle.ts'

/** The last step of `npm run build`; `bin/flowledger.js` starts `classify` from it. */
await writeBundle(fileURLToPath(new URL('../dist/bundle', import.meta.url)))
