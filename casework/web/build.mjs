/**
 * Builds the styles, scripts and icons into static/built. Everything comes from node_modules as
 * locked by package-lock.json; nothing is fetched when a page is shown.
 */
import { createHash } from "node:crypto"
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

import * as esbuild from "esbuild"
import * as sass from "sass"

const web = fileURLToPath(new URL(".", import.meta.url))
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url))
const built = join(web, "static/built")

async function styles() {
  const { css } = await sass.compileAsync(join(web, "styles/app.scss"), {
    loadPaths: [modules],
    style: "compressed",
    quietDeps: true,
  })
  const foreign = css.match(/url\((?!["']?data:)[^)]*\)/g)
  if (foreign) throw new Error(`the styles would fetch ${foreign.join(", ")}`)
  await writeFile(join(built, "app.css"), css)
}

async function scripts() {
  await esbuild.build({
    entryPoints: [join(web, "scripts/app.js")],
    outfile: join(built, "app.js"),
    bundle: true,
    format: "esm",
    minify: true,
    target: ["es2020", "safari15"],
    legalComments: "none",
    nodePaths: [modules],
  })
  const htmx = await readFile(join(modules, "htmx.org/dist/htmx.min.js"), "utf8")
  await writeFile(join(built, "htmx.js"), htmx.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"))
}

/** One sprite with the icons that are named, each a symbol drawn in the colour of its text. */
async function icons() {
  const names = (await readFile(join(web, "icons/names.txt"), "utf8")).split(/\s+/).filter(Boolean)
  const symbols = await Promise.all(
    names.map(async (name) => {
      const drawing = await readFile(join(modules, "lucide-static/icons", `${name}.svg`), "utf8")
      const inner = drawing.slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.lastIndexOf("</svg>"))
      return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").trim()}</symbol>`
    }),
  )
  await writeFile(join(built, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`)
  await cp(join(web, "icons/mark.svg"), join(built, "mark.svg"))
}

/** The notices that the licences ask to travel with copies; not every package carries its own. */
async function licences() {
  const notices = await Promise.all(
    ["govuk-frontend", "htmx.org", "lucide-static"].map(async (name) => {
      const { version, license } = JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"))
      const text = await readFile(join(modules, name, "LICENSE"), "utf8").catch(() =>
        readFile(join(web, "licences", `${name}.txt`), "utf8"),
      )
      return `${name} ${version} (${license})\n\n${text}`
    }),
  )
  await writeFile(join(built, "licences.txt"), notices.join("\n\n----\n\n"))
}

/** A compressed copy beside every file: most visitors come by phone. */
async function compress() {
  for (const name of await readdir(built)) {
    const bytes = await readFile(join(built, name))
    const small = gzipSync(bytes, { level: 9 })
    await writeFile(join(built, `${name}.gz`), small)
    const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12)
    console.log(`${name.padEnd(14)} ${String(bytes.length).padStart(7)} bytes, ${small.length} compressed, ${digest}`)
  }
}

await rm(built, { recursive: true, force: true })
await mkdir(built, { recursive: true })
await Promise.all([styles(), scripts(), icons(), licences()])
await compress()
console.log(`built ${relative(process.cwd(), built)}`)
