import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as FigureBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { Board, Choice, Panel, Query, Step } from './board.ts'

/** The uid that deploy/grafana/provisioning gives to Prometheus. */
export const datasource = { type: 'prometheus', uid: 'micropay-prometheus' }
const HEIGHT = 8
const WHOLE_WIDTH = 24
const A_ROW = 3

/** The dashboard as Grafana reads it from a file. */
export function buildBoard(board: Board): unknown {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags(['micropay'])
    .readonly()
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .link(
      new DashboardLinkBuilder('MicroPay')
        .type(DashboardLinkType.Dashboards)
        .tags(['micropay'])
        .asDropdown(true)
        .keepTime(true),
    )
  for (const choice of board.choices ?? []) builder.withVariable(choiceVariable(choice))
  // Where the documents of this repository are shown: an installation sets it once.
  builder.withVariable(
    new TextBoxVariableBuilder('docs').label('Documents at').defaultValue('https://docs.example/micropay'),
  )
  let id = 0
  const nextId = () => {
    id += 1
    return id
  }
  for (const { title, panels } of board.rows) {
    builder.withRow(new RowBuilder(title).id(nextId()))
    const span = Math.max(WHOLE_WIDTH / A_ROW, Math.floor(WHOLE_WIDTH / panels.length))
    for (const panel of panels) builder.withPanel(panelBuilder(panel).id(nextId()).height(HEIGHT).span(span))
  }
  return builder.build()
}

function choiceVariable({ label, of }: Choice): QueryVariableBuilder {
  return new QueryVariableBuilder(label)
    .label(label)
    .datasource(datasource)
    .query(`label_values(${of}, ${label})`)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .sort(VariableSort.NumericalAsc)
}

function panelBuilder(panel: Panel): LinesBuilder | FigureBuilder {
  const builder = panel.kind === 'figure' ? figure() : lines()
  builder.title(panel.title).description(panel.description).datasource(datasource).unit(panel.unit)
  for (const [index, query] of panel.queries.entries()) builder.withTarget(target(query, index))
  if (panel.steps) builder.thresholds(thresholds(panel.steps))
  if (panel.runbook !== undefined) {
    const link = new DashboardLinkBuilder('What to do').type(DashboardLinkType.Link)
    builder.links([link.url(`\${docs}/${panel.runbook}`).targetBlank(true)])
  }
  return builder
}

function figure(): FigureBuilder {
  return new FigureBuilder().reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
}

function lines(): LinesBuilder {
  const style = new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed)
  return new LinesBuilder().fillOpacity(10).thresholdsStyle(style)
}

function target({ expr, legend }: Query, index: number): DataqueryBuilder {
  const refId = String.fromCodePoint(65 + index)
  return new DataqueryBuilder().refId(refId).expr(expr).legendFormat(legend).datasource(datasource)
}

/** The first step is for whatever lies below the next one, too. */
function thresholds(steps: readonly Step[]): ThresholdsConfigBuilder {
  const from = steps.map((step, index) => ({ value: index === 0 ? null : step.from, color: step.color }))
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(from)
}
