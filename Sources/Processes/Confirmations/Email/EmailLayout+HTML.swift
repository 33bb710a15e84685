import Templates

extension EmailLayout {
    /// Tables and inline styles: what Gmail and Outlook support of HTML. Nothing is loaded from elsewhere.
    static let html = constant(
        """
        <!doctype html>
        <html lang="{{language}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light">
        <meta name="format-detection" content="telephone=no, date=no, address=no">
        <title>{{subject}}</title>
        </head>
        <body style="margin:0;padding:0;background-color:#f3f1ec;-webkit-text-size-adjust:100%;">
        <div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:#f3f1ec;">{{lead}}</div>
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f3f1ec;">
        <tr><td align="center" style="padding:32px 12px;">
        <table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" style="width:100%;max-width:600px;">
        <tr><td style="padding:0 8px 14px;font-family:\(sans);font-size:15px;line-height:20px;font-weight:600;color:#4c4a45;">{{shop}}</td></tr>
        <tr><td style="background-color:#ffffff;border:1px solid #e4e0d7;border-radius:14px;padding:32px 28px;">
        <span style="display:inline-block;padding:4px 12px;border-radius:999px;background-color:{{tint}};color:{{accent}};font-family:\(sans);font-size:13px;line-height:18px;font-weight:600;">{{status}}</span>
        <h1 style="margin:14px 0 10px;font-family:\(serif);font-size:27px;line-height:34px;font-weight:600;color:#22211f;">{{heading}}</h1>
        <p style="margin:0 0 24px;font-family:\(sans);font-size:16px;line-height:25px;color:#3b3935;">{{lead}}</p>
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-top:1px solid #ece8df;border-bottom:1px solid #ece8df;">
        <tr><td style="\(term)">{{labels.order}}</td><td align="right" style="\(value)">{{labels.sign}}{{number}}</td></tr>
        <tr><td style="\(term)">{{labels.date}}</td><td align="right" style="\(value)">{{date}}</td></tr>
        {{#buyer}}
        <tr><td style="\(term)">{{labels.buyer}}</td><td align="right" style="\(value)">{{buyer}}</td></tr>
        {{/buyer}}
        </table>
        {{#hasItems}}
        <table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin-top:22px;">
        {{#items}}
        <tr>
        <td style="padding:9px 12px 9px 0;border-bottom:1px solid #f1eee7;font-family:\(sans);font-size:15px;line-height:21px;color:#22211f;">{{title}}{{#quantity}}<br><span style="font-size:13px;line-height:19px;color:#7a766d;">{{quantity}}{{#price}}&nbsp;×&nbsp;{{price}}{{/price}}</span>{{/quantity}}</td>
        <td align="right" valign="top" style="padding:9px 0;border-bottom:1px solid #f1eee7;white-space:nowrap;font-family:\(sans);font-size:15px;line-height:21px;color:#22211f;">{{sum}}</td>
        </tr>
        {{/items}}
        {{#more}}
        <tr><td colspan="2" style="padding:9px 0;font-family:\(sans);font-size:13px;line-height:19px;color:#7a766d;">{{labels.more}}: {{more}}</td></tr>
        {{/more}}
        </table>
        {{/hasItems}}
        {{#total}}
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin-top:14px;">
        {{#subtotal}}
        <tr><td style="padding:3px 0;font-family:\(sans);font-size:14px;line-height:20px;color:#7a766d;">{{labels.subtotal}}</td><td align="right" style="padding:3px 0;white-space:nowrap;font-family:\(sans);font-size:14px;line-height:20px;color:#7a766d;">{{subtotal}}</td></tr>
        {{/subtotal}}
        <tr><td style="padding:6px 0 0;font-family:\(sans);font-size:16px;line-height:24px;font-weight:600;color:#22211f;">{{labels.total}}</td><td align="right" style="padding:6px 0 0;white-space:nowrap;font-family:\(sans);font-size:20px;line-height:26px;font-weight:700;color:{{accent}};">{{total}}</td></tr>
        </table>
        {{/total}}
        </td></tr>
        <tr><td style="padding:18px 8px 0;font-family:\(sans);font-size:12px;line-height:18px;color:#86827a;">{{closing}}<br>{{labels.reference}}: {{id}}</td></tr>
        </table>
        </td></tr>
        </table>
        </body>
        </html>

        """, escaping: .html)

    private static let sans = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
    private static let serif = "Georgia,'Times New Roman',serif"
    private static let term =
        "padding:9px 0;font-family:\(sans);font-size:14px;line-height:20px;color:#7a766d;vertical-align:top;"
    private static let value =
        "padding:9px 0 9px 16px;font-family:\(sans);font-size:14px;line-height:20px;color:#22211f;vertical-align:top;"
}
