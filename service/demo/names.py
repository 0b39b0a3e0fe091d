"""Names of people who do not exist, in English and Urdu, and words for organisations."""

from __future__ import annotations

from typing import Final

FEMALE: Final = (
    ("Amina", "آمنہ"), ("Asma", "اسماء"), ("Bushra", "بشریٰ"), ("Farida", "فریدہ"),
    ("Fatima", "فاطمہ"), ("Gulshan", "گلشن"), ("Hina", "حنا"), ("Kulsoom", "کلثوم"),
    ("Maryam", "مریم"), ("Nasreen", "نسرین"), ("Nazia", "نازیہ"), ("Parveen", "پروین"),
    ("Robina", "روبینہ"), ("Rukhsana", "رخسانہ"), ("Sadia", "سعدیہ"), ("Saima", "صائمہ"),
    ("Shazia", "شازیہ"), ("Yasmin", "یاسمین"), ("Zahida", "زاہدہ"), ("Zainab", "زینب"),
)  # fmt: skip
MALE: Final = (
    ("Abdul", "عبدل"), ("Ahmed", "احمد"), ("Akbar", "اکبر"), ("Aslam", "اسلم"),
    ("Ghulam", "غلام"), ("Hamid", "حامد"), ("Imran", "عمران"), ("Iqbal", "اقبال"),
    ("Jamil", "جمیل"), ("Javed", "جاوید"), ("Karim", "کریم"), ("Khalid", "خالد"),
    ("Muhammad", "محمد"), ("Nasir", "ناصر"), ("Rafiq", "رفیق"), ("Rashid", "راشد"),
    ("Sajid", "ساجد"), ("Sher", "شیر"), ("Tariq", "طارق"), ("Yousaf", "یوسف"),
)  # fmt: skip
FAMILY: Final = (
    ("Abbasi", "عباسی"), ("Ali", "علی"), ("Awan", "اعوان"), ("Baig", "بیگ"),
    ("Baloch", "بلوچ"), ("Bhatti", "بھٹی"), ("Chandio", "چانڈیو"), ("Gul", "گل"),
    ("Hussain", "حسین"), ("Jan", "جان"), ("Khan", "خان"), ("Malik", "ملک"),
    ("Mirza", "مرزا"), ("Noor", "نور"), ("Qureshi", "قریشی"), ("Rajput", "راجپوت"),
    ("Shah", "شاہ"), ("Siddiqui", "صدیقی"), ("Soomro", "سومرو"), ("Yousafzai", "یوسفزئی"),
)  # fmt: skip
VILLAGE_WORDS: Final = (
    "Umeed", "Roshni", "Ittehad", "Khushhali", "Taraqqi", "Sahara", "Nai Zindagi", "Sabr",
    "Himmat", "Amal", "Subah", "Bahar", "Karwan", "Manzil", "Shama", "Chiragh", "Aman",
    "Falah", "Khidmat", "Sangam",
)  # fmt: skip
