import { it } from 'vitest'

import { manyHires } from './many-hires.ts'

it('30 people are hired at once while every tenth answer of HiBob is a 500 and every twentieth is cut after the effect', async () => {
  await manyHires(30, 3000)
}, 120_000)
