/// The pages' style sheet, and a short script that they work without.
enum PageStyle {
    static let css = """
        :root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#667085;--line:#e4e7ec;--mark:#2f6feb;--won:#12805c;--lost:#b42318;--open:#8a6100}
        @media (prefers-color-scheme:dark){:root{--ground:#12161c;--card:#1a2029;--ink:#e6eaf0;--soft:#98a2b3;--line:#2b333f;--mark:#7aa7ff;--won:#5fd0a5;--lost:#ff8f85;--open:#f0c060}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        a{color:var(--mark);text-decoration:none}a:hover{text-decoration:underline}
        a:focus-visible,input:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
        .bar{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;padding:.75rem 1.25rem;background:var(--card);border-bottom:1px solid var(--line)}
        .brand{font-weight:650}.bar nav{display:flex;gap:1rem}.bar nav a[aria-current]{color:var(--ink);font-weight:600}
        .languages{margin-left:auto;font-size:.875rem}
        main{max-width:60rem;margin:1.5rem auto;padding:0 1.25rem}
        h1{font-size:1.375rem;margin:0 0 1rem;overflow-wrap:anywhere}
        .card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;overflow:hidden}
        .top{display:flex;flex-wrap:wrap;gap:1rem;align-items:baseline;justify-content:space-between;margin-bottom:1rem}.top h1{margin:0}
        .count{color:var(--soft);font-weight:400}
        input[type=search]{font:inherit;padding:.375rem .75rem;border:1px solid var(--line);border-radius:.5rem;background:var(--card);color:inherit;min-width:15rem}
        .row{display:grid;grid-template-columns:2.5rem 1fr auto;gap:0 .875rem;padding:.75rem 1rem;border-top:1px solid var(--line);color:inherit}
        .row:first-child{border-top:0}.row:hover{background:color-mix(in srgb,var(--mark) 6%,transparent);text-decoration:none}
        .face{grid-row:1/4;width:2.5rem;height:2.5rem;border-radius:50%;display:grid;place-items:center;font-weight:600;color:#fff;background:hsl(var(--hue) 45% 42%)}
        .row b{font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.row time,.row .snippet{color:var(--soft);font-size:.875rem}
        .row .subject,.row .snippet{grid-column:2/4;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
        .empty{padding:4rem 1.5rem;text-align:center;color:var(--soft)}.empty b{display:block;color:var(--ink);font-size:1.125rem;margin-bottom:.25rem}
        .pages{display:flex;justify-content:space-between;margin-top:1rem}
        dl.facts{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:0;padding:1rem 1.25rem}dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}
        .tabs{display:flex;gap:.25rem;padding:0 1rem;border-block:1px solid var(--line)}.tabs a{padding:.5rem .75rem;color:var(--soft);border-bottom:2px solid transparent}.tabs a[aria-current]{color:var(--ink);border-color:var(--mark);font-weight:600}
        iframe{display:block;width:100%;height:70vh;border:0;background:#fff;resize:vertical}
        pre{margin:0;padding:1.25rem;white-space:pre-wrap;overflow-wrap:anywhere;font:.875rem/1.6 ui-monospace,SFMono-Regular,Menlo,monospace}
        .note{padding:.75rem 1.25rem;color:var(--soft);border-bottom:1px solid var(--line)}
        .wide{overflow-x:auto}table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.625rem 1rem;border-top:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}thead th{border-top:0;color:var(--soft);font-weight:500;font-size:.875rem}th:nth-child(3),td.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        .stage{display:inline-block;padding:.0625rem .625rem;border-radius:1rem;border:1px solid currentColor;font-size:.875rem;white-space:nowrap;color:var(--open)}.stage.closedwon{color:var(--won)}.stage.closedlost{color:var(--lost)}
        footer{max-width:60rem;margin:0 auto 2rem;padding:0 1.25rem;color:var(--soft);font-size:.875rem}
        """

    /// Times in the reader's own zone; a live page that refreshes itself every two seconds while it is visible.
    static let script = """
        const language = document.documentElement.lang;
        const localise = () => document.querySelectorAll("time[datetime]").forEach(t => {
          const at = new Date(t.dateTime);
          const today = at.toDateString() === new Date().toDateString();
          t.textContent = at.toLocaleString(language, today && !t.hasAttribute("data-full")
            ? {hour: "2-digit", minute: "2-digit", second: "2-digit"} : {dateStyle: "medium", timeStyle: "medium"});
        });
        localise();
        if (document.body.hasAttribute("data-live")) setInterval(async () => {
          if (document.hidden || document.activeElement instanceof HTMLInputElement) return;
          try {
            const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
            const fresh = page.getElementById("contents");
            if (fresh) { document.getElementById("contents").replaceWith(fresh); localise(); }
          } catch {}
        }, 2000);
        """
}
