import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatTime } from '../../../components/instant.tsx'

export type Line = { readonly name: string; readonly colour: '--accent' | '--cool' | '--warn' }
type LiveChartProps = {
  readonly lines: readonly Line[]
  readonly seconds: readonly number[]
  readonly values: readonly (readonly (number | null)[])[]
}

const HEIGHT = 180
/** Seconds between two ticks of the time axis: whole ones, as its labels are. */
const INCREMENTS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600] as const

/**
 * Lines over the last minutes, drawn anew with each answer and never animated. Its numbers stand in the table beside
 * it.
 */
export function LiveChart({ lines, seconds, values }: LiveChartProps) {
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const data = useRef<uPlot.AlignedData>([[]])
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(element, lines), data.current, element)
    }
    draw()
    const watcher = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }))
    watcher.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    const theme = new MutationObserver(draw)
    theme.observe(element.ownerDocument.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    return () => {
      watcher.disconnect()
      theme.disconnect()
      scheme.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [lines])
  useEffect(() => {
    data.current = [[...seconds], ...values.map((line) => [...line])]
    plot.current?.setData(data.current)
  }, [seconds, values])
  return <div ref={frame} aria-hidden="true" className="h-45 w-full overflow-hidden" />
}

function optionsOf(element: HTMLElement, lines: readonly Line[]): uPlot.Options {
  const ink = colourOf(element, '--ink-soft')
  const axis = { stroke: ink, grid: { stroke: colourOf(element, '--line'), width: 1 }, ticks: { show: false } }
  return {
    ...{ width: Math.max(1, element.clientWidth), height: HEIGHT, legend: { show: false }, cursor: { show: false } },
    scales: {
      y: { range: (_plot, _least, most) => [0, Math.max(1, (most ?? 0) * 1.15)] },
    },
    axes: [
      {
        ...axis,
        space: 70,
        size: 28,
        incrs: [...INCREMENTS],
        values: (_plot, splits) => splits.map((second) => formatTime(second * 1000)),
      },
      { ...axis, size: 48 },
    ],
    series: [
      {},
      ...lines.map(({ name, colour }) => ({
        label: name,
        stroke: colourOf(element, colour),
        width: 2,
        points: { show: false },
      })),
    ],
  }
}

/** A canvas knows no custom properties and no `light-dark()`: the browser says what the colour comes to. */
function colourOf(element: HTMLElement, name: string): string {
  const probe = element.ownerDocument.createElement('span')
  probe.style.color = `var(${name})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
