/** The routes of everything that a sandbox imitates. `origin` is where they are reached, for the links in answers. */
import { Hono } from 'hono'

import { controlRoutes } from './control.ts'
import type { SandboxEnv } from './gate.ts'
import { hibobRoutes } from './hibob/routes.ts'
import { fileRoutes, type FileShelf, fileUrl } from './pinpoint/files.ts'
import { pinpointRoutes } from './pinpoint/routes.ts'
import { receiverRoutes } from './receiver/receiver.ts'
import type { World } from './world.ts'

export function createSandboxApp(world: World, origin: () => string): Hono<SandboxEnv> {
  const shelf: FileShelf = { store: world.pinpoint, leaks: world.leaks, origin, clock: world.clock }
  const api = { store: world.pinpoint, clock: world.clock, fileUrl: fileUrl.bind(undefined, shelf) }
  const app = new Hono<SandboxEnv>()
  app.route('/pinpoint', pinpointRoutes(world, api, world.windows))
  app.route('/hibob/v1', hibobRoutes(world, world.hibob, world.windows))
  app.route('/', fileRoutes(world, shelf))
  app.route('/', receiverRoutes(world, world.receivers))
  app.route('/_sandbox', controlRoutes(world))
  app.get('/', (c) => c.text('The sandbox of pinpoint-webhooks. See sandbox/README.md.\n'))
  return app
}
