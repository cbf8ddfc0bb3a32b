namespace Microsoft.ML.Mamba.Reporting;

/// <summary>The report's style sheet. It holds no character that XML would encode.</summary>
internal static class ReportStyle
{
    public const string Sheet = """

        :root {
          color-scheme: light dark;
          --page: #f4f5f7; --card: #ffffff; --ink: #1c2733; --soft: #5d6b7a; --rule: #dde2e8; --grid: #e8ebef;
          --first: #2563eb; --second: #d9620b; --right: #2563eb; --wrong: #d03b3b; --field: #f4f6f9;
          --note: #fff6e0; --note-rule: #e3b341; --on: #ffffff;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #12171d; --card: #1a2129; --ink: #e4e9ef; --soft: #98a5b3; --rule: #2d3742; --grid: #28313b;
            --first: #6ea3ff; --second: #ff9d4d; --right: #5b94f5; --wrong: #f26d6d; --field: #151b22;
            --note: #2f2812; --note-rule: #a37f1d; --on: #0d1116;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--page); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
        }
        main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 40px; }
        h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
        h2 { font-size: 19px; margin: 0 0 12px; }
        h3 { font-size: 15px; margin: 20px 0 6px; }
        header p { margin: 0 0 20px; overflow-wrap: anywhere; }
        .soft { color: var(--soft); }
        p.soft { margin: 0 0 12px; }
        section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 20px 22px; margin: 18px 0 0; }
        .cards { display: flex; flex-wrap: wrap; gap: 12px; }
        .card {
          flex: 1 1 190px; display: flex; flex-direction: column; padding: 12px 16px;
          background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
        }
        .card strong { font-size: 23px; line-height: 1.3; font-variant-numeric: tabular-nums; }
        .card small, .card span { font-size: 13px; }
        .good { border-top: 3px solid var(--first); padding-top: 10px; }
        .warning {
          background: var(--note); border: 1px solid var(--note-rule); border-radius: 10px; padding: 10px 16px; margin: 14px 0 0;
          overflow-wrap: anywhere;
        }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(430px, 100%), 1fr)); gap: 8px 28px; align-items: end; }
        .charts.data { align-items: start; }
        .pair { display: flex; flex-wrap: wrap; gap: 8px 40px; align-items: flex-start; }
        .pair div { min-width: 0; max-width: 100%; }
        .pair h3 { margin-top: 8px; }
        figure { margin: 0; min-width: 0; }
        figure h3 { margin: 8px 0 2px; }
        figure svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--ink); font-family: inherit; }
        svg .tick, svg .note { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; }
        svg .name { font-size: 12px; fill: var(--soft); }
        svg .middle { text-anchor: middle; }
        svg .end { text-anchor: end; }
        svg .grid { stroke: var(--grid); }
        svg .axis { stroke: var(--soft); }
        svg .flag { stroke: var(--soft); stroke-dasharray: 3 3; }
        svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        svg .line.first { stroke: var(--first); }
        svg .line.second { stroke: var(--second); }
        svg .line.faint { stroke: var(--first); stroke-width: 1; stroke-opacity: 0.35; }
        svg .dot { stroke: var(--card); stroke-width: 1; }
        svg .dot.first, svg .bar.first { fill: var(--first); }
        svg .dot.second, svg .bar.second { fill: var(--second); }
        .legend { margin: 0 0 4px; font-size: 13px; color: var(--soft); display: flex; flex-wrap: wrap; gap: 4px 16px; }
        .key { display: inline-block; width: 18px; height: 3px; border-radius: 2px; margin-right: 6px; vertical-align: middle; }
        .key.right, .key.wrong { width: 11px; height: 11px; }
        .key.right { background: var(--right); }
        .key.wrong { background: var(--wrong); }
        .key.first { background: var(--first); }
        .key.second { background: var(--second); }
        .key.faint { background: var(--first); opacity: 0.35; }
        .wide { overflow-x: auto; }
        .heat { display: block; max-width: none; }
        .heat .field { fill: var(--field); }
        .heat .right { fill: var(--right); }
        .heat .wrong { fill: var(--wrong); }
        .heat .count { text-anchor: middle; font-variant-numeric: tabular-nums; pointer-events: none; }
        .heat .count.on { fill: var(--on); }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
        th, td { text-align: right; padding: 5px 8px; border-bottom: 1px solid var(--rule); white-space: nowrap; }
        th:first-child, td.text {
          text-align: left; font-weight: 500; white-space: normal; overflow-wrap: anywhere; max-width: 320px; min-width: 90px;
        }
        th:first-child { padding-left: 0; }
        .mistakes th:nth-child(2) { text-align: left; }
        thead th { color: var(--soft); font-weight: 500; font-size: 13px; }
        tfoot th, tfoot td { font-weight: 600; }
        tr.best th, tr.best td { color: var(--second); }
        .share span { display: inline-block; vertical-align: middle; }
        .gauge {
          width: 46px; height: 7px; margin-left: 7px; border-radius: 4px; background: var(--grid); overflow: hidden; text-align: left;
        }
        .gauge span { display: block; height: 100%; background: var(--first); border-radius: 4px; }
        details { margin-top: 12px; }
        summary { cursor: pointer; color: var(--soft); }
        dl { margin: 0; columns: 3 260px; column-gap: 36px; font-size: 14px; }
        dl div {
          display: flex; justify-content: space-between; gap: 16px; padding: 4px 0; border-bottom: 1px solid var(--rule);
          break-inside: avoid;
        }
        dt { color: var(--soft); }
        dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        footer { margin-top: 18px; font-size: 13px; }
        @media print {
          :root {
            --page: #ffffff; --card: #ffffff; --ink: #1c2733; --soft: #5d6b7a; --rule: #dde2e8; --grid: #e8ebef;
            --first: #2563eb; --second: #d9620b; --right: #2563eb; --wrong: #d03b3b; --field: #f4f6f9; --on: #ffffff;
            --note: #fff6e0; --note-rule: #e3b341;
          }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          main { padding: 0; }
          section, .card { border-radius: 0; }
          figure, .card, tr, .heat { break-inside: avoid; }
          .wide { overflow: visible; }
          .heat { max-width: 100%; height: auto; }
        }

        """;
}
