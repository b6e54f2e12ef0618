/** A receiver of signed webhooks, as it is set up. */
import { z } from 'zod'

export const receiverSeed = z.strictObject({
  name: z.string().min(1),
  /** `whsec_` and base64, as Standard Webhooks writes it. */
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]+=*$/)
    .default('whsec_c2FuZGJveC1yZWNlaXZlci1zZWNyZXQtMDAwMQ=='),
})
export type ReceiverSeed = z.input<typeof receiverSeed>
export type Receiver = z.output<typeof receiverSeed>
