/** zod compiles schemas with `eval`, which would rule out Node's own protection against it. Imported before any schema is made. */
import { z } from 'zod'

z.config({ jitless: true })
