/** `cdk` starts this: one stack, from the settings given with `-c` and the bundle in dist/lambda. */
import { App } from 'aws-cdk-lib'

import { bundleFolder } from '../../scripts/bundle-lambda.ts'
import { readSettings } from './settings.ts'
import { ServiceStack } from './stack.ts'

const app = new App()
// CDK's own, such as `aws:cdk:…` and `@aws-cdk/…`, stand beside what was given.
const given = Object.entries(app.node.getAllContext() as Readonly<Record<string, unknown>>).filter(
  ([name]) => !/[:/@]/.test(name),
)

new ServiceStack(app, 'PinpointWebhooks', {
  settings: readSettings(Object.fromEntries(given)),
  bundle: bundleFolder,
})
