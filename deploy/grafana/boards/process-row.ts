import { atMost, noneIsNormal, type Row, rate } from '../board.ts'

/** What there is to see of the processes themselves of the services whose `job` fits. */
export function processRow(jobs: string): Row {
  const of = `job=~"${jobs}"`
  return {
    title: 'Processes',
    panels: [
      {
        title: 'In trouble',
        description: '1 while /health/ready names a trouble, or the service is not ready.',
        unit: 'short',
        queries: [{ expr: `max by (job, instance) (micropay_trouble{${of}})`, legend: '{{job}} {{instance}}' }],
        steps: noneIsNormal,
        runbook: 'runbooks/trouble-reported.md',
      },
      {
        title: 'CPU',
        description: 'Of one core. A process of ours has one thread that decides: at 1 it is full.',
        unit: 'percentunit',
        queries: [
          {
            expr: `sum by (job, instance) (${rate(`process_cpu_seconds_total{${of}}`)})`,
            legend: '{{job}} {{instance}}',
          },
        ],
        steps: atMost(0.7, 0.9),
        runbook: 'scaling.md',
      },
      {
        title: 'Memory',
        description: 'In RAM, the pages of the state included, which give way.',
        unit: 'bytes',
        queries: [
          { expr: `sum by (job, instance) (process_resident_memory_bytes{${of}})`, legend: '{{job}} {{instance}}' },
        ],
        runbook: 'scaling.md',
      },
      {
        title: 'The event loop is late by',
        description: 'The longest since the last scrape. Below 0.1 s is normal.',
        unit: 's',
        queries: [
          {
            expr: `max by (job, instance) (nodejs_eventloop_delay_seconds{${of}, quantile="0.99"})`,
            legend: '{{job}} {{instance}}',
          },
        ],
        steps: atMost(0.1, 1),
        runbook: 'runbooks/event-loop-blocked.md',
      },
    ],
  }
}
