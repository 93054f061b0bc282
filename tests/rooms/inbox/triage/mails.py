"""Auto-replies, acknowledgements and answers as offices word them: synthetic, every name invented."""

from __future__ import annotations

#: (language, what it is, subject, Auto-Submitted, text)
MAILS: list[tuple[str, str, str, str, str]] = [
    (
        "en",
        "auto_reply",
        "Automatic reply: Export of surveillance technology",
        "auto-replied",
        (
            "Thank you for your e-mail. I am out of the office until Monday 14 June and will "
            "have limited access to my messages. For urgent matters please contact Jane Roe "
            "at jane.roe@mfa.example.\n"
            "\n"
            "Kind regards\n"
            "John Doe"
        ),
    ),
    (
        "en",
        "auto_reply",
        "Out of Office: Open letter",
        "",
        (
            "Dear sender,\n"
            "\n"
            "I'm currently on annual leave and will be back on 3 September. Your email will "
            "not be forwarded.\n"
            "\n"
            "Best regards,\n"
            "A. Smith"
        ),
    ),
    (
        "en",
        "acknowledgement",
        "Receipt of your correspondence",
        "",
        (
            "Dear Sir/Madam,\n"
            "\n"
            "This is to acknowledge receipt of your correspondence of 3 May addressed to the "
            "Minister, which is receiving attention.\n"
            "\n"
            "Yours sincerely,\n"
            "Private Office"
        ),
    ),
    (
        "en",
        "acknowledgement",
        "RE: Open letter on spyware",
        "auto-generated",
        (
            "Thank you for contacting the Department of Foreign Affairs. Your email has been "
            "received and will be responded to within 20 working days. Please do not reply to"
            " this message.\n"
            "\n"
            "Reference: DFA-2026-00231"
        ),
    ),
    (
        "en",
        "acknowledgement",
        "Your message",
        "",
        (
            "Thank you for your letter to the Prime Minister. Your correspondence has been "
            "forwarded to the Ministry of Trade, who will reply to you directly.\n"
            "\n"
            "This is an automated response."
        ),
    ),
    (
        "en",
        "reply",
        "RE: Open letter",
        "",
        (
            "Dear Ms Meyer,\n"
            "\n"
            "Thank you for your letter of 3 May, which we received on 5 May. The Government "
            "shares your concern and supports a moratorium on the sale of such technology.\n"
            "\n"
            "Yours sincerely,\n"
            "J. Doe"
        ),
    ),
    (
        "en",
        "reply",
        "RE: Open letter",
        "",
        (
            "Dear colleague, I was out of the office last week, sorry for the late reply. "
            "Could you send me the annex again?\n"
            "\n"
            "Best\n"
            "Tom"
        ),
    ),
    (
        "en",
        "reply",
        "RE: Open letter [Ticket#2026]",
        "auto-generated",
        (
            "Hello,\n"
            "\n"
            "your request has been received by our unit. The export of such goods requires a "
            "licence under Regulation 2021/821, and none was granted in 2025. We therefore "
            "see no need for a further measure.\n"
            "\n"
            "Regards\n"
            "Unit 3"
        ),
    ),
    (
        "en",
        "reply",
        "Re: your letter",
        "",
        "We got it, thanks. Call me.",
    ),
    (
        "en",
        "reply",
        "Re: Automatic reply: letter",
        "",
        "I am back. Yes, we can meet on Tuesday.",
    ),
    (
        "en",
        "challenge",
        "Please confirm your message",
        "auto-replied",
        (
            "Your message to minister@gov.example is being held. To prove that you are a "
            "human, please click the link below: https://verify.example/x1"
        ),
    ),
    (
        "de",
        "auto_reply",
        "Automatische Antwort: Offener Brief",
        "auto-replied",
        (
            "Sehr geehrte Damen und Herren,\n"
            "\n"
            "vielen Dank für Ihre Nachricht. Ich bin bis einschließlich 12. Juli nicht im "
            "Haus. Ihre E-Mail wird nicht weitergeleitet. In dringenden Fällen wenden Sie "
            "sich bitte an poststelle@bmwk.example.\n"
            "\n"
            "Mit freundlichen Grüßen\n"
            "Dr. M. Muster"
        ),
    ),
    (
        "de",
        "auto_reply",
        "Abwesenheitsnotiz",
        "",
        (
            "Guten Tag, ich befinde mich derzeit im Urlaub und bin ab dem 3. August wieder "
            "erreichbar. Vertretung: Frau Beispiel, Tel. 030 1234."
        ),
    ),
    (
        "de",
        "acknowledgement",
        "Eingangsbestätigung",
        "auto-generated",
        (
            "Sehr geehrte Frau Meyer,\n"
            "\n"
            "hiermit bestätige ich den Eingang Ihres Schreibens vom 3. Mai. Ihr Anliegen wird"
            " unter dem Aktenzeichen V A 2 - 12345/26 bearbeitet. Von Sachstandsanfragen "
            "bitten wir abzusehen.\n"
            "\n"
            "Mit freundlichen Grüßen\n"
            "Im Auftrag\n"
            "Muster"
        ),
    ),
    (
        "de",
        "acknowledgement",
        "Ihre Nachricht an das Bundesministerium",
        "",
        (
            "Vielen Dank für Ihre E-Mail an das Bürgerservice-Team. Ihre Nachricht ist bei "
            "uns eingegangen und wird schnellstmöglich beantwortet. Dies ist eine automatisch"
            " generierte E-Mail, bitte antworten Sie nicht darauf."
        ),
    ),
    (
        "de",
        "reply",
        "AW: Offener Brief",
        "",
        (
            "Sehr geehrte Frau Meyer,\n"
            "\n"
            "vielen Dank für Ihr Schreiben, das hier am 5. Mai eingegangen ist. Das "
            "Ministerium ist für die Ausfuhr nicht zuständig; bitte wenden Sie sich an das "
            "BAFA.\n"
            "\n"
            "Mit freundlichen Grüßen\n"
            "Muster"
        ),
    ),
    (
        "de",
        "reply",
        "AW: Brief",
        "",
        (
            "Liebe Frau Meyer, ich war zwei Wochen im Urlaub und habe Ihren Brief erst heute "
            "gelesen. Wir melden uns. Gruß, Muster"
        ),
    ),
    (
        "fr",
        "auto_reply",
        "Réponse automatique : Lettre ouverte",
        "auto-replied",
        (
            "Bonjour,\n"
            "\n"
            "Je suis absente du bureau jusqu'au 15 août inclus. En cas d'urgence, vous pouvez"
            " contacter M. Dupont (dupont@diplomatie.example).\n"
            "\n"
            "Cordialement,\n"
            "Anne Martin"
        ),
    ),
    (
        "fr",
        "auto_reply",
        "Absence",
        "",
        ("Je suis actuellement en congé et serai de retour le lundi 4 mai. Votre message ne sera pas transféré."),
    ),
    (
        "fr",
        "acknowledgement",
        "Accusé de réception",
        "",
        (
            "Madame, Monsieur,\n"
            "\n"
            "Le cabinet du ministre accuse réception de votre courrier du 3 mai, qui a retenu"
            " toute son attention.\n"
            "\n"
            "Veuillez agréer, Madame, Monsieur, l'expression de mes salutations distinguées.\n"
            "Le chef de cabinet"
        ),
    ),
    (
        "fr",
        "acknowledgement",
        "Votre message a bien été reçu",
        "auto-generated",
        (
            "Nous avons bien reçu votre message et nous vous en remercions. Il sera traité "
            "dans les meilleurs délais par nos services. Ceci est un message automatique, "
            "merci de ne pas y répondre.\n"
            "N° de dossier : 2026-AB-1234"
        ),
    ),
    (
        "fr",
        "acknowledgement",
        "Votre courrier",
        "",
        (
            "Monsieur, le Ministre a bien reçu votre lettre et m'a chargé de vous en accuser "
            "réception. Il l'a transmise aux services compétents."
        ),
    ),
    (
        "fr",
        "reply",
        "RE: Lettre ouverte",
        "",
        (
            "Madame,\n"
            "\n"
            "Nous avons bien reçu votre lettre du 3 mai. La France est attachée au contrôle "
            "strict des exportations de biens à double usage et soutient l'adoption d'un "
            "moratoire.\n"
            "\n"
            "Cordialement,\n"
            "A. Martin"
        ),
    ),
    (
        "fr",
        "reply",
        "RE: Lettre",
        "",
        ("Bonjour, j'étais en congé, veuillez excuser ce retard. Quelle est la date limite pour vous répondre ?"),
    ),
    (
        "es",
        "auto_reply",
        "Respuesta automática: Carta abierta",
        "auto-replied",
        (
            "Estimado/a señor/a:\n"
            "\n"
            "Me encuentro fuera de la oficina hasta el 20 de agosto. Para cualquier asunto "
            "urgente, diríjase a secretaria@maec.example.\n"
            "\n"
            "Un cordial saludo"
        ),
    ),
    (
        "es",
        "auto_reply",
        "Fuera de la oficina",
        "",
        "Estoy de vacaciones hasta el 3 de septiembre. A mi regreso contestaré su correo.",
    ),
    (
        "es",
        "acknowledgement",
        "Acuse de recibo",
        "",
        (
            "Estimada Sra.:\n"
            "\n"
            "Acusamos recibo de su correo electrónico de fecha 3 de mayo, que ha sido "
            "remitido a la unidad competente para su atención.\n"
            "\n"
            "Atentamente,\n"
            "Secretaría Particular"
        ),
    ),
    (
        "es",
        "acknowledgement",
        "Su solicitud ha sido registrada",
        "auto-generated",
        (
            "Gracias por comunicarse con el Ministerio. Su solicitud fue registrada con el "
            "número de radicado 2026-445566 y será atendida en un plazo de 15 días hábiles. "
            "Por favor no responda a este mensaje."
        ),
    ),
    (
        "es",
        "reply",
        "RE: Carta abierta",
        "",
        (
            "Estimada señora:\n"
            "\n"
            "Hemos recibido su carta y le informamos que el Gobierno no otorga licencias de "
            "exportación para esos equipos desde 2024.\n"
            "\n"
            "Atentamente"
        ),
    ),
    (
        "pt",
        "auto_reply",
        "Resposta automática: Carta aberta",
        "auto-replied",
        (
            "Exmos. Senhores,\n"
            "\n"
            "Encontro-me ausente do serviço até ao dia 12 de junho. Em caso de urgência "
            "contacte por favor a Dra. Silva.\n"
            "\n"
            "Com os melhores cumprimentos"
        ),
    ),
    (
        "pt",
        "acknowledgement",
        "Aviso de receção",
        "",
        (
            "Exma. Senhora,\n"
            "\n"
            "Encarrega-me o Senhor Ministro de acusar a receção da sua carta de 3 de maio, "
            "que mereceu a nossa melhor atenção.\n"
            "\n"
            "Com os melhores cumprimentos,\n"
            "A Chefe do Gabinete"
        ),
    ),
    (
        "pt",
        "acknowledgement",
        "Protocolo recebido",
        "auto-generated",
        (
            "Prezada Senhora, recebemos a sua mensagem, registrada sob o protocolo "
            "2026.0012345. Ela será encaminhada à área responsável. Esta é uma mensagem "
            "automática, por favor não responda."
        ),
    ),
    (
        "pt",
        "reply",
        "RE: Carta aberta",
        "",
        ("Prezada Senhora, o Governo apoia a moratória e decidiu suspender as licenças de exportação."),
    ),
    (
        "it",
        "auto_reply",
        "Risposta automatica: Lettera aperta",
        "auto-replied",
        (
            "Gentile mittente,\n"
            "sono assente dall'ufficio fino al 20 agosto. Per urgenze contattare la "
            "segreteria: segreteria@mise.example.\n"
            "Cordiali saluti"
        ),
    ),
    (
        "it",
        "auto_reply",
        "Fuori ufficio",
        "",
        ("Buongiorno, sono in ferie e rientrerò lunedì 2 settembre. Risponderò al mio rientro."),
    ),
    (
        "it",
        "acknowledgement",
        "Conferma di ricezione",
        "",
        (
            "Gentile Signora,\n"
            "\n"
            "si conferma l'avvenuta ricezione della Sua comunicazione del 3 maggio, che è "
            "stata acquisita al protocollo n. 12345/2026 e trasmessa all'ufficio competente.\n"
            "\n"
            "Distinti saluti"
        ),
    ),
    (
        "it",
        "acknowledgement",
        "Il suo messaggio",
        "auto-generated",
        (
            "Abbiamo ricevuto il suo messaggio e le risponderemo al più presto. Questo è un "
            "messaggio automatico: si prega di non rispondere."
        ),
    ),
    (
        "it",
        "reply",
        "R: Lettera aperta",
        "",
        (
            "Gentile Signora, in riferimento alla Sua lettera si comunica che la materia è di"
            " competenza dell'UAMA, che valuta ogni domanda di autorizzazione.\n"
            "Distinti saluti"
        ),
    ),
    (
        "el",
        "auto_reply",
        "Αυτόματη απάντηση: Ανοικτή επιστολή",
        "auto-replied",
        (
            "Σας ευχαριστώ για το μήνυμά σας. Απουσιάζω από το γραφείο μέχρι τις 20 "
            "Αυγούστου. Για επείγοντα θέματα παρακαλώ επικοινωνήστε με την κα Παπαδοπούλου.\n"
            "\n"
            "Με εκτίμηση"
        ),
    ),
    (
        "el",
        "auto_reply",
        "Εκτός γραφείου",
        "",
        "Βρίσκομαι σε άδεια έως 2 Σεπτεμβρίου και δεν έχω πρόσβαση στα μηνύματά μου.",
    ),
    (
        "el",
        "acknowledgement",
        "Επιβεβαίωση λήψης",
        "",
        (
            "Αξιότιμη κυρία,\n"
            "\n"
            "Σας γνωρίζουμε ότι ελήφθη η επιστολή σας της 3ης Μαΐου και έλαβε αριθμό "
            "πρωτοκόλλου 12345/2026. Έχει διαβιβαστεί στην αρμόδια διεύθυνση.\n"
            "\n"
            "Με τιμή"
        ),
    ),
    (
        "el",
        "acknowledgement",
        "Το μήνυμά σας",
        "auto-generated",
        ("Το μήνυμά σας ελήφθη και θα απαντηθεί το συντομότερο δυνατόν. Παρακαλούμε μην απαντήσετε σε αυτό το μήνυμα."),
    ),
    (
        "el",
        "reply",
        "ΑΠ: Ανοικτή επιστολή",
        "",
        (
            "Αξιότιμη κυρία, σε απάντηση της επιστολής σας σας ενημερώνουμε ότι η Ελλάδα "
            "υποστηρίζει τη θέσπιση αυστηρών ελέγχων στις εξαγωγές."
        ),
    ),
    (
        "bg",
        "auto_reply",
        "Автоматичен отговор: Отворено писмо",
        "auto-replied",
        (
            "Здравейте, извън офиса съм до 20 август. При спешни случаи, моля, обърнете се "
            "към колегата Иванов.\n"
            "\n"
            "Поздрави"
        ),
    ),
    (
        "bg",
        "auto_reply",
        "Отсъствие",
        "",
        ("Благодаря Ви за съобщението. В платен отпуск съм до 5 септември и ще Ви отговоря след завръщането си."),
    ),
    (
        "bg",
        "acknowledgement",
        "Потвърждение за получаване",
        "",
        (
            "Уважаема госпожо,\n"
            "\n"
            "Потвърждаваме получаването на Вашето писмо от 3 май. То е заведено с вх. № "
            "94-00-123/05.05.2026 и е насочено към компетентната дирекция.\n"
            "\n"
            "С уважение,\n"
            "Деловодство"
        ),
    ),
    (
        "bg",
        "acknowledgement",
        "Регистрирана преписка",
        "auto-generated",
        (
            "Вашето съобщение беше получено и регистрирано под № АУ-1234. Това е автоматично "
            "генерирано съобщение, моля не отговаряйте."
        ),
    ),
    (
        "bg",
        "reply",
        "RE: Отворено писмо",
        "",
        (
            "Уважаема госпожо, във връзка с Вашето писмо Ви информираме, че Република "
            "България прилага строг контрол върху износа на изделия с двойна употреба."
        ),
    ),
    (
        "ru",
        "auto_reply",
        "Автоматический ответ: Открытое письмо",
        "auto-replied",
        (
            "Здравствуйте! Я буду отсутствовать до 20 августа. По срочным вопросам "
            "обращайтесь к Иванову И.И.\n"
            "\n"
            "С уважением"
        ),
    ),
    (
        "ru",
        "auto_reply",
        "Отпуск",
        "",
        "Добрый день. Нахожусь в отпуске до 5 сентября, отвечу по возвращении.",
    ),
    (
        "ru",
        "acknowledgement",
        "Ваше обращение зарегистрировано",
        "auto-generated",
        (
            "Уважаемая г-жа Мейер! Ваше обращение поступило в Министерство и зарегистрировано"
            " под номером А-1234 от 05.05.2026. О результатах рассмотрения Вы будете "
            "уведомлены в установленный срок."
        ),
    ),
    (
        "ru",
        "acknowledgement",
        "Уведомление о получении",
        "",
        (
            "Подтверждаем получение Вашего письма. Оно передано на рассмотрение в "
            "соответствующее подразделение. Это письмо создано автоматически, не отвечайте на"
            " него."
        ),
    ),
    (
        "ru",
        "reply",
        "RE: Открытое письмо",
        "",
        ("Уважаемая госпожа Мейер! В ответ на Ваше обращение сообщаем, что экспорт указанной продукции лицензируется."),
    ),
    (
        "tr",
        "auto_reply",
        "Otomatik yanıt: Açık mektup",
        "auto-replied",
        (
            "Merhaba,\n"
            "20 Ağustos tarihine kadar ofis dışında olacağım. Acil durumlarda lütfen Ayşe "
            "Yılmaz ile iletişime geçiniz.\n"
            "Saygılarımla"
        ),
    ),
    (
        "tr",
        "auto_reply",
        "Yıllık izin",
        "",
        "5 Eylül'e kadar yıllık izindeyim. Döndüğümde yanıtlayacağım.",
    ),
    (
        "tr",
        "acknowledgement",
        "Başvurunuz alınmıştır",
        "auto-generated",
        (
            "Sayın Meyer, başvurunuz 2026-1234 kayıt numarası ile kayda alınmıştır. En kısa "
            "sürede ilgili birim tarafından değerlendirilecektir. Bu bir otomatik mesajdır, "
            "lütfen yanıtlamayınız."
        ),
    ),
    (
        "tr",
        "acknowledgement",
        "Mektubunuz hk.",
        "",
        (
            "Sayın Meyer, 3 Mayıs tarihli mektubunuz Bakanlığımıza ulaşmış olup ilgili birime"
            " iletilmiştir.\n"
            "Saygılarımla"
        ),
    ),
    (
        "tr",
        "reply",
        "YNT: Açık mektup",
        "",
        (
            "Sayın Meyer, mektubunuza cevaben, Hükümetimizin bu konudaki tutumunu bildirmek "
            "isteriz: moratoryum desteklenmemektedir."
        ),
    ),
    (
        "he",
        "auto_reply",
        "תשובה אוטומטית: מכתב פתוח",
        "auto-replied",
        ("שלום,\nאני נמצאת בחופשה עד 20 באוגוסט. בעניינים דחופים ניתן לפנות לגב' כהן.\nבברכה"),
    ),
    (
        "he",
        "auto_reply",
        "מחוץ למשרד",
        "",
        "תודה על הודעתך. לא אהיה במשרד עד 5 בספטמבר ואשיב עם שובי.",
    ),
    (
        "he",
        "acknowledgement",
        "אישור קבלת פנייה",
        "",
        (
            "לכבוד גב' מאייר,\n"
            "הריני לאשר קבלת מכתבך מיום 3 במאי. פנייתך הועברה לטיפול הגורמים המקצועיים.\n"
            "בכבוד רב,\n"
            "לשכת השר"
        ),
    ),
    (
        "he",
        "acknowledgement",
        "פנייתך התקבלה",
        "auto-generated",
        ("פנייתך התקבלה במשרד החוץ ומספרה 123456. תשובה תישלח בהקדם. זוהי הודעה אוטומטית, אין להשיב לה."),
    ),
    (
        "he",
        "reply",
        "RE: מכתב פתוח",
        "",
        ("שלום רב, בתשובה למכתבך הרינו להודיעך כי יצוא ביטחוני מפוקח לפי החוק וכי רישיונות ניתנים רק לאחר בחינה."),
    ),
    (
        "ar",
        "auto_reply",
        "رد تلقائي: رسالة مفتوحة",
        "auto-replied",
        ("شكرا على رسالتكم. أنا خارج المكتب حتى 20 أغسطس. في الحالات العاجلة يرجى التواصل مع السيد أحمد.\nمع التحية"),
    ),
    (
        "ar",
        "auto_reply",
        "إجازة",
        "",
        "أنا في إجازة سنوية حتى 5 سبتمبر وسأرد على رسالتكم عند عودتي.",
    ),
    (
        "ar",
        "acknowledgement",
        "تأكيد استلام",
        "",
        (
            "السيدة الفاضلة،\n"
            "تحية طيبة وبعد،\n"
            "نفيدكم باستلام رسالتكم المؤرخة في 3 مايو، وقد تمت إحالتها إلى الجهة المختصة.\n"
            "وتفضلوا بقبول فائق الاحترام"
        ),
    ),
    (
        "ar",
        "acknowledgement",
        "تم استلام رسالتكم",
        "auto-generated",
        (
            "لقد تلقينا رسالتكم وسيتم الرد عليها في أقرب وقت ممكن. رقم المعاملة: 12345. هذه "
            "رسالة آلية، يرجى عدم الرد عليها."
        ),
    ),
    (
        "ar",
        "reply",
        "رد: رسالة مفتوحة",
        "",
        ("السيدة الفاضلة، ردا على رسالتكم نود إعلامكم بأن الحكومة ملتزمة بمراقبة تصدير هذه التقنيات."),
    ),
]
