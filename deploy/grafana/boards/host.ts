import { atMost, type Board, oneIsNormal, rate } from '../board.ts'
import { processRow } from './process-row.ts'

const disks = 'fstype!~"tmpfs|overlay|squashfs|ramfs|devtmpfs"'
const runbook = 'scaling.md'

export const host: Board = {
  uid: 'micropay-host',
  title: 'MicroPay: hosts and processes',
  description: 'The machines, their disks and clocks, and every process of ours on them.',
  rows: [
    {
      title: 'Hosts',
      panels: [
        {
          title: 'CPU in use',
          description: 'Of all cores of a host.',
          unit: 'percentunit',
          queries: [
            {
              expr: `1 - avg by (instance) (${rate('node_cpu_seconds_total{mode="idle"}')})`,
              legend: '{{instance}}',
            },
          ],
          steps: atMost(0.8, 0.95),
          runbook,
        },
        {
          title: 'Memory in use',
          description: 'What can be taken back at once does not count.',
          unit: 'percentunit',
          queries: [
            {
              expr: '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes',
              legend: '{{instance}}',
            },
          ],
          steps: atMost(0.85, 0.95),
          runbook,
        },
        {
          title: 'Disk in use',
          description: 'A full disk stops the service whose data is on it.',
          unit: 'percentunit',
          queries: [
            {
              expr:
                `max by (instance, mountpoint) ` +
                `(1 - node_filesystem_avail_bytes{${disks}} / node_filesystem_size_bytes{${disks}})`,
              legend: '{{instance}} {{mountpoint}}',
            },
          ],
          steps: atMost(0.75, 0.9),
          runbook: 'runbooks/disk-full.md',
        },
        {
          title: 'Disk busy',
          description: 'Of all time. Appends wait for it.',
          unit: 'percentunit',
          queries: [
            {
              expr: `max by (instance, device) (${rate('node_disk_io_time_seconds_total')})`,
              legend: '{{instance}} {{device}}',
            },
          ],
          steps: atMost(0.7, 0.95),
          runbook,
        },
        {
          title: 'Network',
          description: 'Received and sent, of all devices but loopback.',
          unit: 'Bps',
          queries: [
            {
              expr: `sum by (instance) (${rate('node_network_receive_bytes_total{device!="lo"}')})`,
              legend: '{{instance}} in',
            },
            {
              expr: `sum by (instance) (${rate('node_network_transmit_bytes_total{device!="lo"}')})`,
              legend: '{{instance}} out',
            },
          ],
          runbook,
        },
        {
          title: 'Load',
          description: 'Processes that run or wait, of a core.',
          unit: 'short',
          queries: [
            {
              expr:
                'max by (instance) (node_load1) / ' +
                'count by (instance) (count by (instance, cpu) (node_cpu_seconds_total{mode="idle"}))',
              legend: '{{instance}}',
            },
          ],
          steps: atMost(1, 4),
          runbook,
        },
        {
          title: 'The clock is set',
          description: '1 while the kernel holds its clock for synchronised. Leases and deadlines rest on it.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'min by (instance) (node_timex_sync_status)', legend: '{{instance}}' }],
          steps: oneIsNormal,
          runbook: 'operations.md#what-stops-the-ledger',
        },
        {
          title: 'The clock is off by',
          description: 'By what keeps it. Below a tenth of a second is normal.',
          unit: 's',
          queries: [{ expr: 'abs(node_timex_offset_seconds)', legend: '{{instance}}' }],
          steps: atMost(0.1, 1),
          runbook: 'operations.md#what-stops-the-ledger',
        },
        {
          title: 'Open files, of all that there may be',
          description: 'Each connection is one, too.',
          unit: 'percentunit',
          queries: [{ expr: 'node_filefd_allocated / node_filefd_maximum', legend: '{{instance}}' }],
          steps: atMost(0.7, 0.9),
          runbook,
        },
      ],
    },
    processRow('.+'),
    {
      title: 'Builds',
      panels: [
        {
          title: 'Processes by version',
          description: 'Two only while one is replaced.',
          unit: 'short',
          queries: [{ expr: 'count by (version, commit) (micropay_build_info)', legend: '{{version}} {{commit}}' }],
          runbook: 'deployment.md',
        },
        {
          title: 'Time since the start',
          description: 'What falls to 0 was started again.',
          unit: 's',
          queries: [
            { expr: 'min by (job, instance) (time() - process_start_time_seconds)', legend: '{{job}} {{instance}}' },
          ],
          runbook: 'runbooks/service-down.md',
        },
        {
          title: 'Heap of JavaScript',
          description: 'What rises for days is a leak.',
          unit: 'bytes',
          queries: [{ expr: 'max by (job, instance) (nodejs_heap_used_bytes)', legend: '{{job}} {{instance}}' }],
          runbook,
        },
      ],
    },
  ],
}
