/** zod compiles schemas with `eval`, which would keep Node's own protection against it off. Imported before anything that makes one. */
import { z } from 'zod'

z.config({ jitless: true })
