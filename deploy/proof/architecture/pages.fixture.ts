import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'
import { ownSettings } from '@micropay/runtime/settings/own-settings'
import type { z } from 'zod'
import { describeNight, describeScripts, describeStages, drawPipeline } from './pipeline.ts'
import type { Regions } from './regions.ts'
import { countRoutes, describeRoutes } from './routes.ts'
import { describeServices, describeSettings, drawServices } from './services.ts'
import { describeStateTables } from './state-tables.fixture.ts'
import { countEvents, describeGenerations, describeTopics } from './topics.ts'

/** The pictures that are drawn of the code; the others are drawn by hand. All of them stand in docs/diagrams/. */
export const drawn: Readonly<Record<string, () => string>> = { services: drawServices, pipeline: drawPipeline }

/** What stands between comments in the pages of docs/architecture, but for what only a database says. */
export function regionsOf(settings: Readonly<Record<string, z.ZodObject>>): Readonly<Record<string, Regions>> {
  return {
    '01-microservices-overview.md': {
      'diagram-services': diagram('services'),
      services: describeServices(),
      settings: describeSettings(settings, ownSettings),
    },
    '02-kafka-topics-and-events.md': {
      'diagram-topics': diagram('topics'),
      topics: describeTopics(),
      events: countEvents(),
      generations: describeGenerations(),
    },
    '03-payment-event-flow.md': {
      'diagram-payment': diagram('payment'),
      'diagram-payment-across': diagram('payment-across'),
      'diagram-saga-states': diagram('saga-states'),
    },
    '04-database-schemas.md': { 'diagram-apply': diagram('apply'), 'state-tables': describeStateTables() },
    '05-api-gateway-routing.md': {
      'diagram-request': diagram('request'),
      'route-counts': countRoutes(),
      routes: describeRoutes(),
    },
    '06-cicd-pipeline.md': {
      'diagram-pipeline': diagram('pipeline'),
      stages: describeStages(),
      nightly: describeNight(),
      scripts: describeScripts(),
    },
    '08-observability-monitoring.md': { 'diagram-telemetry': diagram('telemetry') },
  }
}

/** As GitHub draws it where it stands. */
function diagram(name: string): string {
  const text = drawn[name]?.() ?? readFileSync(join(repositoryRoot, 'docs/diagrams', `${name}.mmd`), 'utf8')
  return `\`\`\`mermaid\n${text.trimEnd()}\n\`\`\``
}
