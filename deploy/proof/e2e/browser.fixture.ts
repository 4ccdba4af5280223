import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { z } from 'zod'

const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
]

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
}

/** Where pictures go: of every page that is inspected when it is named, of what failed in any case. */
const screenshots = process.env.SCREENSHOTS
const wide = { width: 1280, height: 900 }
const phone = { width: 390, height: 844 }
const narrow = { width: 360, height: 780 }

async function signIn(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: `Sign in as ${name}` }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

/** Does the work in a session of its own; when it fails, the picture says where. */
export async function withPage(
  browser: Browser,
  url: string,
  name: string,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    locale: 'en-US',
    timezoneId: 'UTC',
    viewport: wide,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.setDefaultTimeout(10_000)
  try {
    await signIn(page, url, name)
    await work(page)
    assert.deepEqual(faults, [], 'the page throws nothing')
  } catch (error) {
    const folder = screenshots ?? (await mkdtemp(join(tmpdir(), 'micropay-screens-')))
    const path = join(folder, `failed-${name.replaceAll(' ', '-')}.png`)
    await page.screenshot({ path })
    throw new Error(`at ${page.url()}, see ${path}`, { cause: error })
  } finally {
    await context.close()
  }
}

const Violations = z.object({
  violations: z.array(z.object({ id: z.string(), help: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
})

/** What axe looks for: everything in light, and in dark what depends on colours. */
const rules = {
  light: { resultTypes: ['violations'] },
  dark: { resultTypes: ['violations'], runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } },
} as const

/**
 * The page wide and on a phone, light and dark, is without a finding of axe and without sideways scrolling, and so are
 * its tables unless they may; SCREENSHOTS has its pictures.
 */
export async function inspect(
  page: Page,
  name: string,
  { tablesScroll = false }: { readonly tablesScroll?: boolean | undefined } = {},
): Promise<void> {
  await page.evaluate(axe.source)
  for (const [device, viewport] of Object.entries({ wide, phone })) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      if (screenshots) {
        await page.screenshot({ path: join(screenshots, `${name}-${device}-${colorScheme}.png`), fullPage: true })
      }
      if (isSampled(name, device, colorScheme))
        await findNothing(page, `${name}, ${device}, ${colorScheme}`, colorScheme)
      const fits = await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')
      assert.ok(fits, `${name} scrolls sideways on ${device}`)
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  if (!tablesScroll) await tablesFit(page, name)
  await page.setViewportSize(wide)
}

/** By night axe looks at all four; at each change at a page's light on one device, and at its dark on the other. */
function isSampled(name: string, device: string, colorScheme: keyof typeof rules): boolean {
  if (process.env.NIGHTLY === '1') return true
  const lightOn = name.length % 2 === 0 ? 'wide' : 'phone'
  return (device === lightOn) === (colorScheme === 'light')
}

async function findNothing(page: Page, where: string, colorScheme: keyof typeof rules): Promise<void> {
  const found = await page.evaluate(`axe.run(document, ${JSON.stringify(rules[colorScheme])})`)
  const { violations } = Violations.parse(found)
  const findings = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' ')}`,
  )
  assert.deepEqual(findings, [], `axe on ${where}`)
}

/** On a phone, a narrow one too, no table is cut off: what does not fit stands in another cell. */
async function tablesFit(page: Page, name: string): Promise<void> {
  for (const viewport of [narrow, phone]) {
    await page.setViewportSize(viewport)
    const cutOff = await page.evaluate(() =>
      [...document.querySelectorAll('table')].flatMap(({ parentElement: box }) =>
        box && box.scrollWidth > box.clientWidth
          ? [`${box.ariaLabel}: ${box.scrollWidth} of ${box.clientWidth} px`]
          : [],
      ),
    )
    assert.deepEqual(cutOff, [], `${name} has a table that scrolls sideways at ${viewport.width} px`)
  }
}
